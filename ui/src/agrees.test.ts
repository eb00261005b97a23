import { readFileSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
// @ts-expect-error a script without types
import { types } from '../scripts/document.mjs';
// @ts-expect-error a script without types
import { unused } from '../scripts/unused.mjs';
import { verbs } from './parts/actions';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((m) => m[1]!);

it('has the types of the API as it is (npm run types makes them anew)', { timeout: 600_000 }, async () => {
  expect(read('./api/schema.d.ts') === (await types())).toBe(true);
});

it('has the pages that the server answers with its document', () => {
  const list = /func Pages\(\) \[\]string \{\s*return \[\]string\{([^}]*)\}/.exec(read('../../internal/web/console.go'))![1]!;
  const ours = new Set(all(read('./router.tsx'), /^  at\('\/([a-z-]+)/gm));
  expect([...ours].sort()).toEqual(all(list, /"([^"]+)"/g).sort());
});

it('says which operations it does not use (npm run types writes it anew)', () => {
  expect(read('./api/unused.txt')).toBe(unused(read('./api/schema.d.ts')));
});

it('has words for every action of the audit log', () => {
  const control = '../../internal/control/';
  const files = readdirSync(new URL(control, import.meta.url)).filter((f) => f.endsWith('.go') && !f.endsWith('_test.go'));
  const actions = files.flatMap((f) => all(read(control + f), /^(?:const )?\t?\w+ += "([a-z]+(?:\.[a-z]+)+)"/gm));
  expect(actions.length).toBeGreaterThan(50);
  expect(actions.filter((a) => !verbs[a] && a !== 'claim.code')).toEqual([]); // that one is a setting
});
