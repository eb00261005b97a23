import { Button, Group, Stack, Table, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, tag, take, type Schemas } from '../../api/http';
import { Empty } from '../../parts/Answer';
import { ConfirmModal } from '../../parts/Confirm';
import { Diff } from '../../parts/Diff';
import { Panel } from '../../parts/Page';
import { within } from '../../parts/names';
import { useMay } from '../../shell/may';

type Detail = Schemas['ZoneDetail'];
type Overlay = Schemas['Overlay'];
type End = { overlay: Overlay; adopt: boolean };

/** Overlays are the records that others put over what the zone's origin sends, beside what they hide. */
export function Overlays({ z, list }: { z: Detail; list: Overlay[] }) {
  const { may } = useMay();
  const [end, setEnd] = useState<End>();
  if (list.length === 0)
    return (
      <Panel>
        <Empty title="There are no overlays">
          All that the zone holds is of {z.origin}. What others put in beside it, such as with Add records, appears here.
        </Empty>
      </Panel>
    );
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        These records are not of {z.origin}, whose zone it is. They survive what it sends next, until somebody drops them, or makes them its
        own.
      </Text>
      <Panel padded={false}>
        <div className="scrolls" tabIndex={0} role="region" aria-label="Overlays">
          <Table className="less-2 less-4">
            <Table.Thead className="table-head">
              <Table.Tr>
                <Table.Th>Records</Table.Th>
                <Table.Th>Put in by</Table.Th>
                <Table.Th>Served</Table.Th>
                <Table.Th>Beneath, of {z.origin}</Table.Th>
                <Table.Th>
                  <span className="soft">End it</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {list.map((o) => {
                const what = `${within(o.name, z.name)} ${o.type}`;
                return (
                  <Table.Tr key={`${o.name} ${o.type}`}>
                    <Table.Td className="mono">{what}</Table.Td>
                    <Table.Td>{o.source}</Table.Td>
                    <Table.Td className="data">{o.absent ? <span className="soft">none, on purpose</span> : <Data of={o.data} />}</Table.Td>
                    <Table.Td className="data">{o.hidden ? <Data of={o.hidden.data} /> : <span className="soft">nothing</span>}</Table.Td>
                    <Table.Td>
                      {may('records') && (
                        <Group gap={6}>
                          <Button
                            size="compact-sm"
                            variant="default"
                            aria-label={`Drop ${what}`}
                            onClick={() => setEnd({ overlay: o, adopt: false })}
                          >
                            Drop…
                          </Button>
                          <Button
                            size="compact-sm"
                            variant="default"
                            aria-label={`Adopt ${what}`}
                            onClick={() => setEnd({ overlay: o, adopt: true })}
                          >
                            Adopt…
                          </Button>
                        </Group>
                      )}
                    </Table.Td>
                  </Table.Tr>
                );
              })}
            </Table.Tbody>
          </Table>
        </div>
      </Panel>
      {end && <Ending z={z} {...end} close={() => setEnd(undefined)} />}
    </Stack>
  );
}

const Data = ({ of }: { of?: string[] }) =>
  (of ?? []).map((d, i) => (
    <div key={i} className="mono">
      {d}
    </div>
  ));

/** Ending shows what dropping or adopting an overlay changes, and does it. */
function Ending({ z, overlay, adopt, close }: End & { z: Detail; close: () => void }) {
  const client = useQueryClient();
  const call = (dry_run: boolean) => {
    const params = {
      path: { name: z.name, owner: overlay.name, type: overlay.type },
      query: { dry_run },
      header: { 'If-Match': tag(z.revision) },
    };
    return adopt
      ? take(http.POST('/api/v1/zones/{name}/overlays/{owner}/{type}/adopt', { params }))
      : take(http.DELETE('/api/v1/zones/{name}/overlays/{owner}/{type}', { params }));
  };
  const preview = useQuery({
    queryKey: ['ending', z.name, z.revision, overlay.name, overlay.type, adopt],
    queryFn: () => call(true),
    retry: false,
    gcTime: 0,
  });
  const what = `${within(overlay.name, z.name)} ${overlay.type}`;
  const save = useMutation({
    mutationFn: () => call(false),
    onSuccess: (r) => {
      close();
      notifications.show({ message: adopt ? `${what} is ${z.origin}’s now.` : `${what} is dropped, as of serial ${r.zone.serial}.` });
      void client.invalidateQueries({ queryKey: ['zone', z.name] });
      void client.invalidateQueries({ queryKey: ['contents', z.name] });
    },
  });
  return (
    <ConfirmModal
      open
      close={close}
      title={adopt ? `Make ${what} ${z.origin}’s own?` : `Drop ${what}?`}
      confirm={adopt ? 'Adopt it' : 'Drop it'}
      danger={!adopt}
      go={() => save.mutate()}
      busy={save.isPending}
      error={save.error ?? preview.error}
      ready={preview.isSuccess}
    >
      <Text>
        {adopt
          ? `What is served stays. What ${z.origin} sends next may replace it.`
          : `What ${overlay.source} put in goes, and what ${z.origin} has beneath is served again.`}
      </Text>
      {preview.data && <Diff delta={preview.data.delta} />}
    </ConfirmModal>
  );
}
