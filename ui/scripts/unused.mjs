// The operations of the API that the console does not use: the command line
// has them, or they are for programs.
import { readFileSync, readdirSync } from 'node:fs';

const source = new URL('../src/', import.meta.url);
const read = (path) => readFileSync(new URL(path, source), 'utf8');

export function unused(schema) {
  const text = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((f) => /\.tsx?$/.test(f) && !/\.(d|test)\.ts$/.test(f))
    .map(read)
    .join('\n');
  const used = new Set([...text.matchAll(/http\.([A-Z]+)\(\s*'([^']+)'/g)].map((m) => `${m[1]} ${m[2]}`));
  const lines = [];
  let path = '';
  for (const line of schema.split('\n')) {
    path = /^ {4}"(\/api\/[^"]+)": \{/.exec(line)?.[1] ?? path;
    const method = /^ {8}(get|put|post|patch|delete): operations/.exec(line)?.[1];
    if (method && !used.has(`${method.toUpperCase()} ${path}`)) lines.push(`${method.toUpperCase()} ${path}`);
  }
  return lines.sort().join('\n') + '\n';
}
