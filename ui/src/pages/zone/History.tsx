import { Button, Radio, Stack, Table, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, tag, take, type Schemas } from '../../api/http';
import { history } from '../../api/queries';
import { actionWords } from '../../parts/actions';
import { Answer, Empty } from '../../parts/Answer';
import { ConfirmModal } from '../../parts/Confirm';
import { Diff } from '../../parts/Diff';
import { Panel } from '../../parts/Page';
import { Ago } from '../../parts/time';
import { useMay } from '../../shell/may';

type Detail = Schemas['ZoneDetail'];

/** History compares any two versions, and brings one back. */
export function History({ z }: { z: Detail }) {
  const { may } = useMay();
  const log = useQuery(history(z.name));
  const [from, setFrom] = useState<number>();
  const [to, setTo] = useState<number>();
  const [restore, setRestore] = useState<number>();
  return (
    <Answer of={log}>
      {(changes) => (
        <Stack>
          <Panel padded={false}>
            {changes.length === 0 && <Empty title="No changes are kept">Those from now on appear here: edit records, and come back.</Empty>}
            <div className="scrolls" tabIndex={0} role="region" aria-label="History">
              <Table className="less-4 less-6 less-7">
                <Table.Thead className="table-head">
                  <Table.Tr>
                    <Table.Th>From</Table.Th>
                    <Table.Th>To</Table.Th>
                    <Table.Th>When</Table.Th>
                    <Table.Th>Who</Table.Th>
                    <Table.Th>What</Table.Th>
                    <Table.Th className="number">Records</Table.Th>
                    <Table.Th className="number">Serial</Table.Th>
                    <Table.Th>
                      <span className="soft">Restore</span>
                    </Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {changes.map((c, i) => (
                    <Table.Tr key={c.revision}>
                      <Table.Td>
                        <Radio
                          name="from"
                          aria-label={`Compare from revision ${c.revision}`}
                          checked={from === c.revision}
                          onChange={() => setFrom(c.revision)}
                        />
                      </Table.Td>
                      <Table.Td>
                        <Radio
                          name="to"
                          aria-label={`Compare to revision ${c.revision}`}
                          checked={to === c.revision}
                          onChange={() => setTo(c.revision)}
                        />
                      </Table.Td>
                      <Table.Td>
                        <Ago at={c.at} />
                        <div className="soft only-phone">{c.actor.name}</div>
                      </Table.Td>
                      <Table.Td>
                        {c.actor.name} <span className="soft">({c.actor.door})</span>
                      </Table.Td>
                      <Table.Td>{actionWords(c.action)}</Table.Td>
                      <Table.Td className="number nowrap">
                        +{c.added} −{c.removed}
                      </Table.Td>
                      <Table.Td className="number">{c.serial}</Table.Td>
                      <Table.Td>
                        {i > 0 && may('zones') && c.action !== 'zone.delete' && (
                          <Button size="compact-sm" variant="default" onClick={() => setRestore(c.revision)}>
                            Restore…
                          </Button>
                        )}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </div>
          </Panel>
          {from && to ? (
            <Compare z={z} from={from} to={to} />
          ) : (
            <Text c="dimmed" size="sm">
              Choose two versions to see what is between them.
            </Text>
          )}
          {restore && <Restore z={z} to={restore} close={() => setRestore(undefined)} />}
        </Stack>
      )}
    </Answer>
  );
}

function Compare({ z, from, to }: { z: Detail; from: number; to: number }) {
  const diff = useQuery({
    queryKey: ['contents', z.name, 'diff', from, to],
    queryFn: ({ signal }) =>
      take(http.GET('/api/v1/zones/{name}/diff', { params: { path: { name: z.name }, query: { from, to } }, signal })),
  });
  return (
    <Answer of={diff}>
      {(delta) => (
        <Panel title={`From revision ${from} to ${to}`}>
          <Diff delta={delta} />
        </Panel>
      )}
    </Answer>
  );
}

function Restore({ z, to, close }: { z: Detail; to: number; close: () => void }) {
  const client = useQueryClient();
  const call = (dry_run: boolean) =>
    take(
      http.POST('/api/v1/zones/{name}/restore', {
        params: { path: { name: z.name }, header: { 'If-Match': tag(z.revision) } },
        body: { to, dry_run },
      }),
    );
  const preview = useQuery({ queryKey: ['restore', z.name, z.revision, to], queryFn: () => call(true), retry: false, gcTime: 0 });
  const save = useMutation({
    mutationFn: () => call(false),
    onSuccess: (r) => {
      close();
      notifications.show({ message: `Restored as serial ${r.zone.serial}.` });
      void client.invalidateQueries({ queryKey: ['zone', z.name] });
      void client.invalidateQueries({ queryKey: ['contents', z.name] });
    },
  });
  return (
    <ConfirmModal
      open
      close={close}
      title={`Restore revision ${to}?`}
      confirm="Restore it"
      go={() => save.mutate()}
      busy={save.isPending}
      error={save.error ?? preview.error}
      ready={preview.isSuccess}
    >
      <Text>What the zone held then becomes its contents again, by a new change with a higher serial.</Text>
      {preview.data && <Diff delta={preview.data.delta} />}
    </ConfirmModal>
  );
}
