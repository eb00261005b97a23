import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { IconAlertCircle, IconCircleCheck, IconCircleMinus, IconClock } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { http, take, type Schemas } from '../../api/http';
import { syncs } from '../../api/queries';
import { Answer, Empty } from '../../parts/Answer';
import { Panel } from '../../parts/Page';
import { ProblemAlert } from '../../parts/Problem';
import { Mark } from '../../parts/State';
import { shown } from '../../parts/names';
import { Ago, count } from '../../parts/time';
import { useMay } from '../../shell/may';

type Job = Schemas['SyncJob'];

const marks: Record<Job['state'], React.ReactNode> = {
  running: <Mark icon={IconClock} tone="look" text="running" />,
  done: <Mark icon={IconCircleCheck} tone="good" text="done" />,
  cancelled: <Mark icon={IconCircleMinus} tone="calm" text="ended by a person" />,
  failed: <Mark icon={IconAlertCircle} tone="bad" text="failed" />,
};

/** Jobs are those that run and the last ones: they go on over a restart. */
export function Jobs() {
  const list = useQuery({ ...syncs, refetchInterval: (q) => (q.state.data?.some((j) => j.state === 'running') ? 1_000 : 15_000) });
  return (
    <Panel title="Jobs">
      <Answer of={list}>
        {(all) =>
          all.length === 0 ? (
            <Empty title="None yet">Choose above what is to be synchronised, look at what it would do, and begin.</Empty>
          ) : (
            <Stack>
              {all.slice(0, 20).map((j, i) => (
                <One key={j.id} j={j} last={!all.slice(0, i).some((later) => alike(later, j))} />
              ))}
            </Stack>
          )
        }
      </Answer>
    </Panel>
  );
}

const alike = (a: Job, b: Job) => JSON.stringify(a.request) === JSON.stringify(b.request);

function One({ j, last }: { j: Job; last: boolean }) {
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => http.DELETE('/api/v1/sync/{id}', { params: { path: { id: j.id! } } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['sync'] }),
  });
  const again = useMutation({
    mutationFn: () => take(http.POST('/api/v1/sync', { body: j.request })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['sync'] }),
  });
  const { may } = useMay();
  const what = j.request.zone ? shown(j.request.zone) : 'All zones';
  return (
    <Stack gap={4}>
      <Group justify="space-between">
        <Group gap="sm">
          {marks[j.state]}
          <Text>
            <b>{what}</b> <span className="soft">by {j.by},</span> <Ago at={j.began} />
          </Text>
        </Group>
        {may('clustering') && last && (j.state === 'cancelled' || j.state === 'failed') && (
          <Button
            size="compact-sm"
            variant="default"
            loading={again.isPending}
            aria-label={`Go on with ${what}: what is done is not done again`}
            onClick={() => again.mutate()}
          >
            Go on with it
          </Button>
        )}
        {may('clustering') && j.state === 'running' && (
          <Button size="compact-sm" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            End it: what is done stays
          </Button>
        )}
      </Group>
      {j.state === 'running' && (
        <Progress value={j.total ? (j.done / j.total) * 100 : 0} aria-label={`${what}: ${j.done} of ${j.total} zones`} />
      )}
      <Text size="sm" c="dimmed">
        {count(j.done)} of {count(j.total)} zones looked at: {count(j.created)} new, {count(j.replaced)} replaced, {count(j.told)} told,{' '}
        {count(j.same)} the same, {count(j.conflicts)} conflicts, {count(j.failed)} failed
        {j.last ? `. Last failure: ${j.last}` : ''}
      </Text>
      <ProblemAlert error={cancel.error ?? again.error} />
    </Stack>
  );
}
