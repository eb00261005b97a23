import { expect, it } from 'vitest';
import { absolute, readable, shown, within } from './names';

it('writes names as people do', () => {
  expect(['example.com.', '.'].map(shown)).toEqual(['example.com', '.']);
  expect(['xn--bcher-kva.example.', 'XN--BCHER-KVA.example.', 'xn--.example.', 'plain.example.'].map(readable)).toEqual([
    'bücher.example',
    'bücher.example',
    'xn--.example',
    'plain.example',
  ]);
});

const rows: [situation: string, zone: string, inside: string, whole: string][] = [
  ['the zone itself', 'example.com.', '@', 'example.com.'],
  ['a name in it', 'example.com.', 'www', 'www.example.com.'],
  ['a name elsewhere', 'example.com.', 'www.example.net.', 'www.example.net.'],
  ['a name that only ends alike', 'example.com.', 'notexample.com.', 'notexample.com.'],
  ['the root', '.', 'com', 'com.'],
];
it.each(rows)('names within a zone: %s', (_, zone, inside, whole) => {
  expect(within(whole, zone)).toBe(inside);
  expect(absolute(inside, zone)).toBe(whole);
});
