import { Button, Group, Modal, Stack, Table, Text } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, type Schemas } from '../../api/http';
import { transferZones } from '../../api/queries';
import { Answer } from '../../parts/Answer';
import { ConfirmButton } from '../../parts/Confirm';
import { ZoneLink } from '../../parts/ZoneLink';
import { TransferForm } from './TransferForm';

type Asked = Schemas['TransferZone'];

/** Transfers are the zones that a source asks to be transferred from it. */
export function Transfers({ s, close }: { s: Schemas['Source']; close: () => void }) {
  const list = useInfiniteQuery(transferZones(s.name));
  const [edit, setEdit] = useState<Asked>();
  return (
    <Modal opened onClose={close} title={`Zones that are transferred from ${s.name}`} size="xl">
      <Stack>
        <Answer of={list}>
          {({ pages }) => {
            const zones = pages.flatMap((p) => p.zones);
            if (zones.length === 0) return <Text c="dimmed">None yet: name one, or let a catalog of the source list them.</Text>;
            return (
              <div className="scrolls" tabIndex={0} role="region" aria-label="Zones that are transferred">
                <Table>
                  <Table.Tbody>
                    {zones.map((z) => (
                      <Table.Tr key={z.name}>
                        <Table.Td>
                          <ZoneLink name={z.name} />
                          {z.catalog && <div className="soft">listed by {z.catalog}</div>}
                          <div className="soft">from {z.primaries?.map((p) => p.address).join(', ') || 'the source’s primaries'}</div>
                        </Table.Td>
                        <Table.Td>
                          <Group gap={6} justify="flex-end">
                            <Button
                              size="compact-sm"
                              variant="default"
                              aria-label={`Change the primaries of ${z.name}`}
                              onClick={() => setEdit(z)}
                            >
                              Change
                            </Button>
                            <Drop z={z} />
                          </Group>
                        </Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </div>
            );
          }}
        </Answer>
        {list.hasNextPage && (
          <Group>
            <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              Show more
            </Button>
          </Group>
        )}
        <TransferForm key={edit?.name ?? ''} source={s.name} was={edit} done={() => setEdit(undefined)} />
      </Stack>
    </Modal>
  );
}

function Drop({ z }: { z: Asked }) {
  const client = useQueryClient();
  const drop = useMutation({
    mutationFn: () => http.DELETE('/api/v1/transfer-zones/{name}', { params: { path: { name: z.name } } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['sources'] }),
  });
  return (
    <ConfirmButton
      size="compact-sm"
      label="End…"
      aria-label={`End the transfers of ${z.name}`}
      title={`End the transfers of ${z.name}?`}
      confirm="End them and delete the zone"
      danger
      run={() => drop.mutateAsync()}
      busy={drop.isPending}
      error={drop.error}
    >
      <Text>The zone is deleted with them. It can be brought back from the recycle bin.</Text>
    </ConfirmButton>
  );
}
