import { Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { http, type Schemas } from '../../api/http';
import { actionWords } from '../../parts/actions';
import { Answer } from '../../parts/Answer';
import { Diff, lines } from '../../parts/Diff';
import { Page, Panel } from '../../parts/Page';
import { ProblemAlert } from '../../parts/Problem';
import { shown } from '../../parts/names';
import { Ago } from '../../parts/time';
import { useMay } from '../../shell/may';
import { kinds } from './Waiting';

/** Decide shows both versions side by side, and lets one of them be chosen. */
export default function Decide() {
  const { id } = useParams({ strict: false }) as { id: string };
  const path = { id: Number(id) };
  const one = useQuery({
    queryKey: ['waiting', 'one', id],
    queryFn: async ({ signal }) => {
      const answer = await http.GET('/api/v1/waiting/{id}', { params: { path }, signal });
      return { detail: answer.data!, etag: answer.response.headers.get('ETag') ?? '' };
    },
  });
  return (
    <Page title={one.data ? `${shown(one.data.detail.zone)}: ${kinds[one.data.detail.kind]}` : `Number ${id}`}>
      <Answer of={one}>{({ detail, etag }) => <Choice w={detail} etag={etag} />}</Answer>
    </Page>
  );
}

function Choice({ w, etag }: { w: Schemas['WaitingDetail']; etag: string }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { may } = useMay();
  const decide = useMutation({
    mutationFn: async (release: boolean) => {
      const params = { path: { id: w.id }, header: { 'If-Match': etag } };
      await (release ? http.POST('/api/v1/waiting/{id}/release', { params }) : http.DELETE('/api/v1/waiting/{id}', { params }));
    },
    onSuccess: async (_, release) => {
      notifications.show({ message: release ? `The change of ${shown(w.zone)} is made.` : `The change of ${shown(w.zone)} is dropped.` });
      await navigate({ to: '/waiting' });
      void client.invalidateQueries({ queryKey: ['waiting'] });
    },
  });
  return (
    <Stack>
      <Panel>
        <Stack gap="xs">
          <Text>
            <b>{w.source}</b> {actionWords(w.action)} {shown(w.zone)} <Ago at={w.at} />.
          </Text>
          <Text>{w.reason}</Text>
          {w.mend && (
            <Text size="sm" c="dimmed">
              What to do: {w.mend}
            </Text>
          )}
          <ProblemAlert error={decide.error} />
          {may('sources') && (
            <Group>
              <Button onClick={() => decide.mutate(true)} loading={decide.isPending}>
                Let it through
              </Button>
              <Button variant="default" onClick={() => decide.mutate(false)} disabled={decide.isPending}>
                Drop it: the zone stays as it is
              </Button>
            </Group>
          )}
        </Stack>
      </Panel>
      <Panel title="What would change">
        <Diff delta={w.delta} label="What would change" />
      </Panel>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Version title="What the zone holds" sets={w.now} />
        <Version title="What it would hold" sets={w.then} />
      </SimpleGrid>
    </Stack>
  );
}

function Version({ title, sets }: { title: string; sets: Schemas['RecordSet'][] }) {
  const all = lines(sets);
  return (
    <Panel title={title}>
      {all.length === 0 ? (
        <Text c="dimmed">Nothing: there is no such zone.</Text>
      ) : (
        <div className="diff" role="region" aria-label={`${title}, record by record`} tabIndex={0}>
          {all.map((line, i) => (
            <div key={i}>{line}</div>
          ))}
        </div>
      )}
    </Panel>
  );
}
