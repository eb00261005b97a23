// Packs the text of the build: the program embeds it as NAME.gz alone. The
// document stays as it is, since each answer puts its own nonce into it.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const app = new URL('../dist/app/', import.meta.url).pathname;
for (const name of readdirSync(app, { recursive: true })) {
  const file = join(app, name);
  if (!statSync(file).isFile() || !/\.(js|css|svg)$/.test(name)) continue;
  writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
  rmSync(file);
}
