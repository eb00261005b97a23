import { expect, it } from 'vitest';
import type { Schemas } from '../../api/http';
import { outdated } from '../../api/events';
import { ago } from '../../parts/time';
import { actionWords } from '../../parts/actions';
import { incidents } from './needs';
import { scale, share } from './figures';

const member = (change: Partial<Schemas['Member']>, status: Partial<Schemas['MemberStatus']> = {}) =>
  ({
    name: 'ns2',
    state: 'enabled',
    ...change,
    status: { reachable: true, failures: 0, zones: 10, verified: 10, pending: 0, stale: 0, failed: 0, behind: 0, ...status },
  }) as Schemas['Member'];

it('says 100 percent only when it is true', () => {
  expect(share([member({}, { zones: 100_000, verified: 99_999 })]).percent).toBe(99.9);
  expect(share([member({})]).percent).toBe(100);
  expect(share([]).percent).toBe(100);
});

it('draws durations by their magnitude, with a line for each power of ten', () => {
  const { y, lines } = scale([2_000_000_000], 100);
  expect(lines).toEqual([1e6, 1e7, 1e8, 1e9, 1e10]);
  expect(y(1e10)).toBeLessThan(y(1e9));
  expect([y(0), y(1e5)]).toEqual([100, 100]);
});

it('expects nothing of servers that are not written', () => {
  for (const state of ['observed', 'pending', 'disabled']) expect(share([member({ state }, { verified: 0 })]).wanted).toBe(0);
});

const of = (...members: Schemas['Member'][]) => incidents({ members } as Schemas['Status'], 0).map((i) => i.what);

it('names what needs somebody', () => {
  expect(of(member({}))).toEqual([]);
  expect(of(member({}, { reachable: false, failures: 3 }))).toEqual(['ns2 does not answer']);
  expect(of(member({ state: 'disabled-by-threshold' }))).toEqual(['ns2 was disabled after failures']);
  expect(
    incidents({ members: [member({}, { reachable: false, failures: 3, last_error: 'refused' })] } as Schemas['Status'], 0)[0]!.mend,
  ).toMatch(/^Refused\. Look whether it runs/);
  expect(of(member({}, { failed: 2 }))).toEqual(['2 zones failed on ns2']);
  expect(of(member({}, { expiring: 2 }))).toEqual(['2 zones will expire on ns2']);
  expect(incidents({ members: [] } as unknown as Schemas['Status'], 3).map((i) => i.to)).toEqual(['/waiting']);
});

it('knows which answers an event makes old', () => {
  expect(outdated({ kind: 'zone', zone: 'a.example.', member: 'ns2' })).not.toContainEqual(['zones']);
  expect(outdated({ kind: 'zone', zone: 'a.example.' })).toContainEqual(['contents', 'a.example.']);
  expect(outdated({ kind: 'notice', state: 'lost' })).toEqual([[]]);
});

it('writes times and actions for people', () => {
  const now = new Date('2026-11-26T12:00:00Z');
  expect(ago(new Date('2026-11-26T11:59:58Z'), now)).toBe('just now');
  expect(ago(new Date('2026-11-26T10:00:00Z'), now)).toBe('2 hours ago');
  expect(ago(new Date('2026-12-26T12:00:00Z'), now)).toBe('next month');
  expect([actionWords('zone.delete'), actionWords('member.enable ns2'), actionWords('some.thing x')]).toEqual([
    'deleted the zone',
    'enabled the server ns2',
    'some thing x',
  ]);
});
