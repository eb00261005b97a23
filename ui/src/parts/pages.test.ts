import { expect, it } from 'vitest';
import { learn, partsIn, type Known } from './pages';

const sights: [situation: string, first: number, last: number, want: number[]][] = [
  ['the beginning, and what comes next', 0, 20, [0, 1]],
  ['across two parts', 190, 210, [0, 1, 2]],
  ['far down, and nothing before it', 9000, 9020, [45, 46]],
];
it.each(sights)('asks for what is in sight: %s', (_, first, last, want) => {
  expect(partsIn(first, last, 200)).toEqual(want);
});

const rows = (n: number, next?: string) => ({ rows: Array(n).fill(0), next });
const lengths: [situation: string, known: Known, part: number, answer: { rows: number[]; next?: string }, want: Known][] = [
  ['the first part leads on', { least: 0 }, 0, rows(200, 'x'), { least: 200 }],
  ['the first part is all', { least: 0 }, 0, rows(3), { least: 0, end: 3 }],
  ['there is nothing', { least: 0 }, 0, rows(0), { least: 0, end: 0 }],
  ['the last part', { least: 200 }, 1, rows(20), { least: 200, end: 220 }],
  ['a part before leads on, as is known', { least: 200, end: 220 }, 0, rows(200, 'x'), { least: 200, end: 220 }],
  ['the last part is full', { least: 200, end: 400 }, 1, rows(200, 'x'), { least: 400, end: 400 }],
  ['zones came: the end is further down', { least: 400, end: 380 }, 1, rows(200, 'x'), { least: 400 }],
  ['a part behind the end, which is known', { least: 200, end: 220 }, 2, rows(0), { least: 200, end: 220 }],
  ['zones went: the part is behind the end', { least: 400, end: 420 }, 2, rows(0), { least: 400, end: 400 }],
];
it.each(lengths)('knows how long the list is: %s', (_, known, part, answer, want) => {
  expect(learn(known, part, 200, answer)).toEqual(want);
});

it('comes to rest, also where the last part is full', () => {
  const parts: [number, { rows: number[]; next?: string }][] = [
    [1, rows(200, 'x')],
    [2, rows(0)],
  ];
  const once = parts.reduce((k, [p, answer]) => learn(k, p, 200, answer), { least: 200 } as Known);
  expect(once.end).toBe(400);
  expect(parts.reduce((k, [p, answer]) => learn(k, p, 200, answer), once)).toBe(once);
});
