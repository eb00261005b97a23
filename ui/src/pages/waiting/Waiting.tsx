import { Badge, Button, Group, SegmentedControl, Stack, Table, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { http, take, type Schemas } from '../../api/http';
import { waiting } from '../../api/queries';
import { actionWords } from '../../parts/actions';
import { Answer, Empty } from '../../parts/Answer';
import { ConfirmButton } from '../../parts/Confirm';
import { Page, Panel } from '../../parts/Page';
import { Findings } from '../../parts/Problem';
import { shown } from '../../parts/names';
import { Ago } from '../../parts/time';
import { useMay } from '../../shell/may';

type Kind = Schemas['Waiting']['kind'];

export const kinds: Record<Kind, string> = { hold: 'held', conflict: 'conflict', approval: 'needs approval' };

/** Waiting is what was kept for a person to decide. */
export default function Waiting() {
  const list = useQuery(waiting);
  const [kind, setKind] = useState<Kind | 'all'>('all');
  return (
    <Page
      title="Conflicts and holds"
      lead="Changes that were kept because they are another’s, or look wrong. Servers go on with what was there before, until somebody decides."
    >
      <Answer of={list}>
        {(data) => {
          const rows = data.waiting.filter((w) => kind === 'all' || w.kind === kind);
          return (
            <Stack>
              <Group justify="space-between">
                <SegmentedControl
                  aria-label="Which kind"
                  value={kind}
                  onChange={(k) => setKind(k as Kind | 'all')}
                  data={[
                    { value: 'all', label: 'All' },
                    { value: 'hold', label: 'Holds' },
                    { value: 'conflict', label: 'Conflicts' },
                    { value: 'approval', label: 'Approvals' },
                  ]}
                />
                {rows.length > 1 && <All kind={kind} n={rows.length} more={!!data.next} />}
              </Group>
              <Panel padded={false}>
                {rows.length === 0 ? (
                  <Empty title="Nothing waits">
                    What is suspicious, or another’s, appears here, and goes on when you let it through. There is nothing to do.
                  </Empty>
                ) : (
                  <List rows={rows} />
                )}
              </Panel>
            </Stack>
          );
        }}
      </Answer>
    </Page>
  );
}

function List({ rows }: { rows: Schemas['Waiting'][] }) {
  return (
    <div className="scrolls" tabIndex={0} role="region" aria-label="What waits">
      <Table className="less-2 less-3 less-5">
        <Table.Thead className="table-head">
          <Table.Tr>
            <Table.Th>Zone</Table.Th>
            <Table.Th>Kind</Table.Th>
            <Table.Th>Who</Table.Th>
            <Table.Th>Why</Table.Th>
            <Table.Th>Since</Table.Th>
            <Table.Th>
              <span className="soft">Decide</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((w) => (
            <Table.Tr key={w.id}>
              <Table.Td>
                <b>{shown(w.zone)}</b>
              </Table.Td>
              <Table.Td>
                <Badge variant="default" tt="none" miw="max-content">
                  {kinds[w.kind]}
                </Badge>
              </Table.Td>
              <Table.Td>
                {w.source} <span className="soft">{actionWords(w.action)}</span>
              </Table.Td>
              <Table.Td className="reason">{w.reason}</Table.Td>
              <Table.Td>
                <Ago at={w.at} />
              </Table.Td>
              <Table.Td>
                <Button
                  component={Link}
                  to={`/waiting/${w.id}`}
                  size="compact-sm"
                  variant="default"
                  aria-label={`Decide number ${w.id}, ${shown(w.zone)}`}
                >
                  Decide…
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function All({ kind, n, more }: { kind: Kind | 'all'; n: number; more: boolean }) {
  const client = useQueryClient();
  const { may } = useMay();
  const body = { kinds: kind === 'all' ? undefined : [kind] };
  const decide = useMutation({
    mutationFn: (release: boolean) =>
      take(release ? http.POST('/api/v1/waiting:release', { body }) : http.POST('/api/v1/waiting:discard', { body })),
    onSuccess: (r) => {
      notifications.show({ message: `${r.done} decided${r.failed?.length ? `, ${r.failed.length} go on waiting` : ''}.` });
      void client.invalidateQueries({ queryKey: ['waiting'] });
    },
  });
  if (!may('sources')) return null;
  const number = more ? `more than ${n}` : `all ${n}`;
  return (
    <Group gap="xs">
      <ConfirmButton
        label="Let all through…"
        title={`Let ${number} through?`}
        confirm="Let them through"
        run={() => decide.mutateAsync(true)}
        busy={decide.isPending}
        error={decide.error}
      >
        <Text>Each is made as if it came now from whoever sent it. One that fails goes on waiting.</Text>
        <Findings problems={decide.data?.failed ?? null} />
      </ConfirmButton>
      <ConfirmButton
        label="Drop all…"
        title={`Drop ${number}?`}
        confirm="Drop them"
        danger
        run={() => decide.mutateAsync(false)}
        busy={decide.isPending}
        error={decide.error}
      >
        <Text>The zones stay as they are.</Text>
      </ConfirmButton>
    </Group>
  );
}
