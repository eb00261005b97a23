import { Button, Group, Modal, Stack, Table, TagsInput, Text, TextInput } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { http, take, type Schemas } from '../../api/http';
import { transferZones } from '../../api/queries';
import { Answer } from '../../parts/Answer';
import { ConfirmButton } from '../../parts/Confirm';
import { ProblemAlert } from '../../parts/Problem';
import { ZoneLink } from '../../parts/ZoneLink';
import { primary } from './primaries';

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
        <Form key={edit?.name ?? ''} source={s.name} was={edit} done={() => setEdit(undefined)} />
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

function Form({ source, was, done }: { source: string; was?: Asked; done: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState(was?.name ?? '');
  const [at, setAt] = useState(was?.primaries?.map((p) => p.address) ?? []);
  const save = useMutation({
    mutationFn: async () => {
      const primaries = at.map((address) => was?.primaries?.find((p) => p.address === address) ?? { address });
      const body = { name, source, primaries: primaries.length ? primaries : undefined };
      if (was) await http.PUT('/api/v1/transfer-zones/{name}', { params: { path: { name: was.name } }, body });
      else await take(http.POST('/api/v1/transfer-zones', { body }));
    },
    onSuccess: () => {
      setName('');
      setAt([]);
      done();
      void client.invalidateQueries({ queryKey: ['sources'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Stack component="form" onSubmit={submit} gap="xs">
      <Group align="flex-end">
        <TextInput
          label="Zone"
          placeholder="example.com"
          required
          disabled={!!was}
          value={name}
          onChange={(e) => setName(e.target.value.trim())}
        />
        <TagsInput
          label="Primaries of its own"
          placeholder="the source’s"
          w={{ base: '100%', sm: 280 }}
          value={at}
          onChange={(list) => setAt(list.map(primary))}
        />
        <Button type="submit" loading={save.isPending}>
          {was ? 'Save' : 'Transfer it from now on'}
        </Button>
        {was && (
          <Button variant="default" onClick={done}>
            Leave it as it is
          </Button>
        )}
      </Group>
      <ProblemAlert error={save.error} />
    </Stack>
  );
}
