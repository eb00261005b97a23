import { expect, it } from 'vitest';
import { follow, partsIn } from './pages';

const sights: [situation: string, first: number, last: number, known: number, want: number[]][] = [
  ['the beginning, of which nothing is known', 0, 20, 0, [0]],
  ['the beginning, and what comes next', 0, 20, 3, [0, 1]],
  ['across two parts', 190, 210, 5, [0, 1, 2]],
  ['far beyond what is known', 9000, 9020, 2, [2]],
  ['the end', 380, 399, 1, [1]],
];
it.each(sights)('asks for what is in sight: %s', (_, first, last, known, want) => {
  expect(partsIn(first, last, 200, known)).toEqual(want);
});

const chains: [situation: string, begins: string[], part: number, next: string | undefined, want: string[]][] = [
  ['the first part leads on', [''], 0, 'a', ['', 'a']],
  ['a part is as it was', ['', 'a', 'b'], 0, 'a', ['', 'a', 'b']],
  ['a zone more: the part ends earlier', ['', 'b', 'd'], 0, 'a', ['', 'a', 'd']],
  ['zones went: the list ends here', ['', 'a', 'b'], 1, undefined, ['', 'a']],
];
it.each(chains)('knows where parts begin: %s', (_, begins, part, next, want) => {
  expect(follow(begins, part, next)).toEqual(want);
});
