import { Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { http, take, type Schemas } from '../../api/http';
import { Answer } from '../../parts/Answer';
import { Diff } from '../../parts/Diff';
import { ZoneLink } from '../../parts/ZoneLink';
import { count } from '../../parts/time';

type Step = Schemas['SyncStep'];

const words: Record<Step['action'], string> = {
  create: 'is taken in, or told, as a new zone',
  replace: 'a newer copy is taken in',
  tell: 'is told of ours',
  conflict: 'the newer copy there waits for a person',
  same: 'is the same',
  leave: 'is left alone',
  failed: 'could not be looked at',
};
const signs: Partial<Record<Step['action'], string>> = { create: 'plus', replace: 'plus', conflict: 'minus', failed: 'minus' };

/** Plan says what synchronising would do, zone by zone, and shows of each the difference. */
export function Plan({ job }: { job: Schemas['SyncJob'] }) {
  const steps = (job.steps ?? []).filter((s) => s.action !== 'same');
  return (
    <Stack gap="xs" role="status">
      <Text size="sm">
        Of {job.total === 1 ? '1 zone' : `${count(job.total)} zones`}: {count(job.created)} new, {count(job.replaced)} replaced here,{' '}
        {count(job.told)} told to servers, {count(job.same)} the same, {count(job.conflicts)} conflicts, {count(job.failed)} failed.
      </Text>
      {steps.length > 0 && (
        <div className="diff steps" role="region" aria-label="What it would do" tabIndex={0}>
          {steps.map((s) => (
            <Line key={`${s.zone} ${s.member} ${s.action}`} s={s} />
          ))}
        </div>
      )}
    </Stack>
  );
}

function Line({ s }: { s: Step }) {
  const [open, setOpen] = useState(false);
  const compared = s.action === 'tell' || s.action === 'replace' || s.action === 'conflict';
  return (
    <div className={signs[s.action]}>
      <Group justify="space-between" gap="xs">
        <span>
          <ZoneLink name={s.zone} /> on {s.member}: {words[s.action]}
          {s.ours || s.theirs ? ` (ours ${s.ours ?? '–'}, theirs ${s.theirs ?? '–'})` : ''}
          {s.reason && <span className="soft"> {s.reason}</span>}
        </span>
        {compared && (
          <Button size="compact-xs" variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? 'Hide the difference' : 'Show the difference'}
          </Button>
        )}
      </Group>
      {open && <Between s={s} />}
    </div>
  );
}

function Between({ s }: { s: Step }) {
  const diff = useQuery({
    queryKey: ['contents', s.zone, 'served', s.member, s.ours, s.theirs],
    queryFn: ({ signal }) =>
      take(http.GET('/api/v1/zones/{name}/diff', { params: { path: { name: s.zone }, query: { member: s.member } }, signal })),
    staleTime: 0,
  });
  const there = s.action === 'tell'; // the answer is from ours to theirs
  return (
    <Answer of={diff}>
      {({ added, removed }) => (
        <Diff
          delta={there ? { added: removed, removed: added } : { added, removed }}
          label={there ? `What changes on ${s.member}` : `From what is here to what is on ${s.member}`}
        />
      )}
    </Answer>
  );
}
