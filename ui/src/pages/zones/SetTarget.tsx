import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Schemas } from '../../api/http';
import { pools, tenants } from '../../api/queries';
import { ProblemAlert } from '../../parts/Problem';

/** setOf is the set that serves an owner's zones: its own, or that of the one above it. */
export function setOf(owner: string, all: Schemas['Tenant'][]): string {
  const t = all.find((x) => x.name === owner);
  return t?.pool || (t?.parent ? setOf(t.parent, all) : 'default');
}

type Props = {
  set: string | null;
  choose: (set: string | null) => void;
  to: string | null;
  hand: (owner: string | null) => void;
  fixed: boolean;
};

/** SetTarget asks for a nameserver set, and for one of the owners whose zones it serves. */
export function SetTarget({ set, choose, to, hand, fixed }: Props) {
  const sets = useQuery(pools);
  const owners = useQuery(tenants);
  const served = (name: string | null) => (owners.data ?? []).map((t) => t.name).filter((owner) => setOf(owner, owners.data!) === name);
  const there = served(set);
  return (
    <>
      <Select
        label="New set"
        searchable
        disabled={fixed || !owners.data}
        data={(sets.data ?? []).map((s) => s.name)}
        value={set}
        onChange={(name) => {
          choose(name);
          hand(served(name)[0] ?? null);
        }}
      />
      <Select
        label="Owner there"
        searchable
        disabled={fixed || !set}
        data={there}
        value={to}
        onChange={hand}
        error={set && there.length === 0 ? 'It serves nobody’s zones: give it to somebody under Users and tokens first.' : undefined}
      />
      <ProblemAlert error={sets.error ?? owners.error} />
    </>
  );
}
