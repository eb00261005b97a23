import type { Schemas } from '../../api/http';
import { same } from '../../parts/names';

type RecordSet = Schemas['RecordSet'];

/** Edit is one RRset that is to change: what it was, and what it is to be. */
export type Edit = { name: string; type: string; ttl: number; data: string[]; gone: boolean; was?: RecordSet };
export type Pending = ReadonlyMap<string, Edit>;

export const none: Pending = new Map();

export const keyOf = (set: { name: string; type: string }) => `${set.name.toLowerCase()} ${set.type}`;

/** put returns the pending edits with one more; one that changes nothing is none. */
export function put(pending: Pending, edit: Edit): Pending {
  const next = new Map(pending);
  if (isSame(edit)) next.delete(keyOf(edit));
  else next.set(keyOf(edit), edit);
  return next;
}

export function drop(pending: Pending, key: string): Pending {
  const next = new Map(pending);
  next.delete(key);
  return next;
}

function isSame({ was, gone, ttl, data }: Edit): boolean {
  if (gone) return !was; // it was never saved
  return !!was && was.ttl === ttl && was.data.length === data.length && was.data.every((d) => data.includes(d));
}

/** edits is what is sent: what goes first, so that a CNAME makes room for what takes its place. */
export function edits(pending: Pending): Schemas['RecordEdit'][] {
  const all = [...pending.values()];
  return [
    ...all.filter((e) => e.gone).map((e) => ({ op: 'delete' as const, name: e.name, type: e.type })),
    ...all.filter((e) => !e.gone).map((e) => ({ op: 'set' as const, name: e.name, type: e.type, ttl: e.ttl, data: e.data })),
  ];
}

export type Row = { key: string; set: RecordSet; edit?: Edit };

/** rows are the RRsets of a zone with what is pending of them; new ones come first. */
export function rows(sets: RecordSet[], pending: Pending): Row[] {
  const there = new Set(sets.map(keyOf));
  const fresh = [...pending.entries()]
    .filter(([key]) => !there.has(key))
    .map(([key, edit]) => ({ key, edit, set: { name: edit.name, type: edit.type, ttl: edit.ttl, data: edit.data } }));
  return [...fresh, ...sets.map((set) => ({ key: keyOf(set), set, edit: pending.get(keyOf(set)) }))];
}

/** touched are the pending edits of RRsets that another change has changed too. */
export function touched(pending: Pending, delta: Schemas['DeltaBody']): Edit[] {
  const others = [...(delta.added ?? []), ...(delta.removed ?? [])];
  return [...pending.values()].filter((e) => others.some((o) => same(o.name, e.name) && o.type === e.type));
}
