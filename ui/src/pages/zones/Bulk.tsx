import { Button, Group, Modal, Progress, Select, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { sources, tenants } from '../../api/queries';
import { ProblemAlert } from '../../parts/Problem';
import { count } from '../../parts/time';
import { SetTarget } from './SetTarget';
import { carry, each, look, type Asked, type Deed, type Outcome, type Zone } from './bulk';

type Props = { deed: Deed; zones: readonly Zone[]; close: (begun: boolean) => void };

const titles: Record<Deed, string> = {
  synchronise: 'Synchronise',
  assign: 'Hand to another owner',
  move: 'Move to another set',
  'take over': 'Give to another source',
  delete: 'Delete',
};
const leads: Record<Deed, string> = {
  synchronise: 'Every server is looked at anew, and gets what it lacks.',
  assign: 'The people of the new owner may change them from now on, and they are served by the servers of its set.',
  move: 'A zone is served by the nameserver set of its owner: choose the set, and which of the owners there is to have the zones. Those that it serves already stay as they are.',
  'take over': 'Only its source may replace or delete a zone. What the one before sends then waits for a decision.',
  delete:
    'They go from Skein and from every server, and can be brought back from the recycle bin. Of more than a few in a short time the rest waits for a decision, and is served until then.',
};

/** Bulk does one thing to many zones, after showing what becomes of each. */
export function Bulk({ deed, zones, close }: Props) {
  const client = useQueryClient();
  const [to, setTo] = useState<string | null>(null);
  const [plan, setPlan] = useState<Outcome[]>([]);
  const [results, setResults] = useState<Outcome[]>([]);
  const stop = useRef(false);
  const leaving = useRef(new AbortController());
  useEffect(() => {
    const controller = (leaving.current = new AbortController());
    return () => controller.abort();
  }, []);
  const [set, setSet] = useState<string | null>(null);
  const asked: Asked = { deed, to: to ?? '', set: set ?? undefined };
  const all = async (one: typeof look, tell: (add: (list: Outcome[]) => Outcome[]) => void) => {
    tell(() => []);
    stop.current = false;
    await each(
      zones,
      deed === 'synchronise' || (deed === 'delete' && one === carry) ? 1 : 4, // of too many deletions the last ones wait
      () => stop.current || leaving.current.signal.aborted,
      async (z) => {
        const o = await one(asked, z, leaving.current.signal);
        tell((list) => [...list, o]);
      },
    );
  };
  const preview = useMutation({ mutationFn: () => all(look, setPlan) });
  const run = useMutation({
    mutationFn: () => all(carry, setResults),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['zones'] });
      void client.invalidateQueries({ queryKey: ['waiting'] });
      void client.invalidateQueries({ queryKey: ['sync'] });
    },
  });
  const begun = !run.isIdle;
  const busy = run.isPending || preview.isPending;
  const list = begun ? results : plan;
  const n = zones.length === 1 ? '1 zone' : `${count(zones.length)} zones`;
  return (
    <Modal opened onClose={() => close(begun)} title={`${titles[deed]}: ${n}`} size="xl" closeOnClickOutside={!busy}>
      <Stack>
        <Text size="sm">{leads[deed]}</Text>
        {deed === 'assign' && <Target label="New owner" of={tenants} to={to} set={setTo} fixed={begun || busy} />}
        {deed === 'move' && <SetTarget set={set} choose={setSet} to={to} hand={setTo} fixed={begun || busy} />}
        {deed === 'take over' && <Target label="New source" of={sources} to={to} set={setTo} fixed={begun || busy} />}
        {busy && <Progress value={(list.length / zones.length) * 100} aria-label={`${list.length} of ${n}`} />}
        {(begun || !preview.isIdle) && <Outcomes list={list} />}
        <ProblemAlert error={run.error ?? preview.error} />
        <Group justify="flex-end">
          {run.isPending && (
            <Button variant="default" onClick={() => (stop.current = true)}>
              Stop: what is done stays
            </Button>
          )}
          {!run.isPending && (
            <Button variant="default" onClick={() => close(begun)}>
              {begun ? 'Close' : 'Leave them as they are'}
            </Button>
          )}
          {preview.isSuccess && !begun && (
            <Button color={deed === 'delete' ? 'red' : undefined} onClick={() => run.mutate()}>
              {`${titles[deed]}: ${n}`}
            </Button>
          )}
          {!preview.isSuccess && !begun && (
            <Button
              onClick={() => preview.mutate()}
              loading={preview.isPending}
              disabled={deed !== 'delete' && deed !== 'synchronise' && !to}
            >
              Show what would become of them
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

type TargetProps = {
  label: string;
  of: typeof tenants | typeof sources;
  to: string | null;
  set: (to: string | null) => void;
  fixed: boolean;
};

function Target({ label, of, to, set, fixed }: TargetProps) {
  const list = useQuery(of as typeof tenants);
  return (
    <>
      <Select label={label} searchable disabled={fixed} data={(list.data ?? []).map((x) => x.name)} value={to} onChange={set} />
      <ProblemAlert error={list.error} />
    </>
  );
}

const heads: [Outcome['state'], string][] = [
  ['would', 'will change'],
  ['done', 'done'],
  ['same', 'as they should be already'],
  ['held', 'wait for a person'],
  ['refused', 'refused'],
];

/** Outcomes are what became of zones; what went wrong comes first. */
function Outcomes({ list }: { list: Outcome[] }) {
  const order = ['refused', 'held', 'would', 'same', 'done'];
  const sorted = [...list].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.zone.localeCompare(b.zone));
  const held = list.some((o) => o.state === 'held');
  return (
    <Stack gap="xs">
      <Text size="sm" role="status">
        {heads
          .map(([state, text]) => [list.filter((o) => o.state === state).length, text] as const)
          .filter(([k]) => k > 0)
          .map(([k, text]) => `${count(k)} ${text}`)
          .join(', ')}
      </Text>
      {held && (
        <Text size="sm">
          <Link to="/waiting">Look at what waits, and decide</Link>
        </Text>
      )}
      <div className="diff" role="region" aria-label="Zone by zone" tabIndex={0}>
        {sorted.map((o) => (
          <div key={o.zone} className={o.state === 'refused' || o.state === 'held' ? 'minus' : o.state === 'done' ? 'plus' : undefined}>
            {o.zone}: {o.text}
          </div>
        ))}
      </div>
    </Stack>
  );
}
