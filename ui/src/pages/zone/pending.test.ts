import { describe, expect, it } from 'vitest';
import { drop, edits, keyOf, none, put, rows, touched, type Edit } from './pending';

const www = { name: 'www.example.', type: 'A', ttl: 300, data: ['192.0.2.1', '192.0.2.2'] };
const changed = (change: Partial<Edit>): Edit => ({ ...www, gone: false, was: www, ...change });

describe('pending edits', () => {
  it('keeps what differs', () => expect(put(none, changed({ ttl: 60 })).size).toBe(1));
  it('keeps nothing of an edit that was taken back', () => expect(put(put(none, changed({ ttl: 60 })), changed({})).size).toBe(0));
  it('takes another order of records for the same', () => expect(put(none, changed({ data: ['192.0.2.2', '192.0.2.1'] })).size).toBe(0));
  it('forgets a new RRset that goes before it was saved', () => {
    const fresh = changed({ was: undefined });
    expect(put(put(none, fresh), { ...fresh, gone: true }).size).toBe(0);
  });
  it('drops one', () => expect(drop(put(none, changed({ ttl: 60 })), keyOf(www)).size).toBe(0));
  it('sends what goes first', () => {
    const p = put(put(none, changed({ type: 'AAAA', was: undefined })), {
      ...changed({ type: 'CNAME', gone: true }),
      was: { ...www, type: 'CNAME' },
    });
    expect(edits(p).map((e) => `${e.op} ${e.type}`)).toEqual(['delete CNAME', 'set AAAA']);
  });
  it('does not change what it is given', () => {
    put(none, changed({ ttl: 60 }));
    expect(none.size).toBe(0);
  });
});

describe('rows', () => {
  it('shows new ones first, and the others with what is pending', () => {
    const p = put(put(none, changed({ ttl: 60 })), changed({ name: 'new.example.', was: undefined }));
    expect(rows([www], p).map((r) => [r.set.name, !!r.edit])).toEqual([
      ['new.example.', true],
      ['www.example.', true],
    ]);
  });
  it('knows a name in any case', () => expect(rows([{ ...www, name: 'WWW.example.' }], put(none, changed({ ttl: 60 })))).toHaveLength(1));
});

it('finds what two people changed', () => {
  const p = put(none, changed({ ttl: 60 }));
  expect(touched(p, { added: [{ ...www, name: 'WWW.EXAMPLE.' }], removed: [] })).toHaveLength(1);
  expect(touched(p, { added: [{ ...www, type: 'TXT' }], removed: [] })).toHaveLength(0);
});
