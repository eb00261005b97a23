import type { ZoneFilter } from '../../api/queries';

export const fields = ['contains', 'owner', 'origin', 'pool', 'member', 'state'] as const;

/** fromSearch reads a filter out of an address; what is no field of one is left out. */
export function fromSearch(search: Record<string, unknown>): ZoneFilter {
  const filter: Record<string, string> = {};
  for (const field of fields) {
    const value = search[field];
    if ((typeof value === 'string' && value) || typeof value === 'number') filter[field] = String(value);
  }
  return filter as ZoneFilter;
}

/** narrowed counts the fields that select something, beside the name. */
export const narrowed = (f: ZoneFilter) => fields.filter((field) => field !== 'contains' && f[field]).length;

export const states: Record<NonNullable<ZoneFilter['state']>, string> = {
  behind: 'not in step',
  failed: 'failed',
  foreign: 'the server has one of its own',
  differs: 'other contents',
  stale: 'an older version',
  absent: 'not there',
  pending: 'to be told',
  told: 'told, not yet seen',
};

/** inWords is what a filter selects, for people. */
export function inWords(f: ZoneFilter): string {
  const words = [
    f.contains && `“${f.contains}” in the name`,
    f.state && states[f.state],
    f.member && `on ${f.member}`,
    f.origin && `from ${f.origin}`,
    f.owner && `of ${f.owner}`,
    f.pool && `in the set ${f.pool}`,
  ];
  return words.filter(Boolean).join(', ');
}
