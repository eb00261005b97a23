import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { http, take, type Schemas } from '../../api/http';
import { actionWords } from '../../parts/actions';
import { Answer } from '../../parts/Answer';
import { Diff } from '../../parts/Diff';
import { within } from '../../parts/names';
import { Ago } from '../../parts/time';
import { touched, type Pending } from './pending';

type Props = { z: Schemas['ZoneDetail']; base: number; pending: Pending; onTop: (revision: number) => void; drop: () => void };

/** Conflict tells that somebody else changed the zone meanwhile, and what can be done. */
export function Conflict({ z, base, pending, onTop, drop }: Props) {
  const theirs = useQuery({
    queryKey: ['contents', z.name, 'since', base],
    queryFn: async ({ signal }) => {
      const { changes } = await take(
        http.GET('/api/v1/zones/{name}/history', { params: { path: { name: z.name }, query: { limit: 50 } }, signal }),
      );
      const delta = await take(
        http.GET('/api/v1/zones/{name}/diff', { params: { path: { name: z.name }, query: { from: base } }, signal }),
      );
      return { changes: changes.filter((c) => c.revision > base), delta };
    },
    staleTime: 0,
  });
  return (
    <Alert color="yellow" variant="outline" role="alert" icon={<IconUsers aria-hidden />} title="The zone was changed meanwhile">
      <Answer of={theirs}>
        {({ changes, delta }) => {
          const both = touched(pending, delta);
          const newest = changes[0]?.revision ?? z.revision;
          return (
            <Stack gap="xs">
              {changes.slice(0, 3).map((c) => (
                <Text size="sm" key={c.revision}>
                  <b>{c.actor.name}</b> {actionWords(c.action)} it <Ago at={c.at} />.
                </Text>
              ))}
              <Diff delta={delta} label="What the others changed" />
              <Text size="sm">
                {both.length === 0
                  ? 'None of it touches what you changed: yours can be put on top.'
                  : `You both changed ${both.map((e) => `${within(e.name, z.name)} ${e.type}`).join(', ')}. Put on top, yours replaces theirs there.`}
              </Text>
              <Group justify="flex-end">
                <Button variant="default" onClick={drop}>
                  Drop mine
                </Button>
                <Button color={both.length ? 'red' : undefined} onClick={() => onTop(newest)}>
                  {both.length ? 'Replace theirs with mine…' : 'Put mine on top…'}
                </Button>
              </Group>
            </Stack>
          );
        }}
      </Answer>
    </Alert>
  );
}
