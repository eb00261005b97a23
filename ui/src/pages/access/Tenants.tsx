import { Button, Modal, Select, Stack, Switch, Table, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { http, tag, take, type Schemas } from '../../api/http';
import { tenants } from '../../api/queries';
import { Answer } from '../../parts/Answer';
import { ConfirmButton } from '../../parts/Confirm';
import { Panel } from '../../parts/Page';
import { ProblemAlert } from '../../parts/Problem';
import { count } from '../../parts/time';
import { useMay } from '../../shell/may';
import { TenantSet } from './TenantSet';

export function Tenants() {
  const list = useQuery(tenants);
  const { may, root } = useMay();
  const [adding, setAdding] = useState(false);
  return (
    <Panel
      title="Resellers and customers"
      padded={false}
      actions={
        may('access') && (
          <Button size="xs" onClick={() => setAdding(true)}>
            Add one
          </Button>
        )
      }
    >
      <Answer of={list}>
        {(all) => (
          <div className="scrolls" tabIndex={0} role="region" aria-label="Resellers and customers">
            <Table className="less-2 less-3 less-6">
              <Table.Thead className="table-head">
                <Table.Tr>
                  <Table.Th>Name</Table.Th>
                  <Table.Th>Kind</Table.Th>
                  <Table.Th>Below</Table.Th>
                  <Table.Th>Set</Table.Th>
                  <Table.Th className="number">Zones</Table.Th>
                  <Table.Th>Servers of its own</Table.Th>
                  <Table.Th>
                    <span className="soft">Change</span>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {all.map((t) => (
                  <Table.Tr key={t.name}>
                    <Table.Td>
                      <b>{t.name}</b>
                    </Table.Td>
                    <Table.Td>{t.kind}</Table.Td>
                    <Table.Td>{t.parent ?? ''}</Table.Td>
                    <Table.Td>
                      <TenantSet t={t} may={may('clustering') && t.kind !== 'root'} />
                    </Table.Td>
                    <Table.Td className="number">{count(t.zones)}</Table.Td>
                    <Table.Td>{root && t.kind === 'reseller' ? <Own t={t} /> : t.kind === 'root' || t.clustering ? 'yes' : 'no'}</Table.Td>
                    <Table.Td>{may('access') && t.kind !== 'root' && <Remove t={t} />}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        )}
      </Answer>
      {adding && <Add close={() => setAdding(false)} />}
    </Panel>
  );
}

function Own({ t }: { t: Schemas['Tenant'] }) {
  const client = useQueryClient();
  const edit = useMutation({
    mutationFn: (clustering: boolean) =>
      take(
        http.PATCH('/api/v1/tenants/{name}', {
          params: { path: { name: t.name }, header: { 'If-Match': tag(t.version) } },
          body: { clustering },
        }),
      ),
    onError: (error) => notifications.show({ color: 'red', message: error.message }),
    onSettled: () => client.invalidateQueries({ queryKey: ['tenants'] }),
  });
  return (
    <Switch
      aria-label={`${t.name} may have servers of its own`}
      checked={edit.isPending ? edit.variables : !!t.clustering}
      onChange={(e) => edit.mutate(e.currentTarget.checked)}
    />
  );
}

function Remove({ t }: { t: Schemas['Tenant'] }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => http.DELETE('/api/v1/tenants/{name}', { params: { path: { name: t.name } } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['tenants'] }),
  });
  return (
    <ConfirmButton
      size="compact-sm"
      label="Remove…"
      title={`Remove ${t.name}?`}
      confirm="Remove"
      danger
      run={() => remove.mutateAsync()}
      busy={remove.isPending}
      error={remove.error}
    >
      <Text>Its users and tokens go with it. It must have no zones any more.</Text>
    </ConfirmButton>
  );
}

function Add({ close }: { close: () => void }) {
  const client = useQueryClient();
  const { root } = useMay();
  const [t, setT] = useState<Schemas['NewTenant']>({ name: '', kind: root ? 'reseller' : 'customer' });
  const add = useMutation({
    mutationFn: () => take(http.POST('/api/v1/tenants', { body: t })),
    onSuccess: () => {
      close();
      notifications.show({ message: `${t.name} is added. Add a user for it next.` });
      void client.invalidateQueries({ queryKey: ['tenants'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Modal opened onClose={close} title="Add a reseller or a customer">
      <Stack component="form" onSubmit={submit}>
        <TextInput
          label="Name"
          placeholder="north-hosting"
          required
          data-autofocus
          value={t.name}
          onChange={(e) => setT({ ...t, name: e.target.value.trim() })}
        />
        {root && (
          <Select
            label="Kind"
            allowDeselect={false}
            data={['reseller', 'customer']}
            value={t.kind ?? null}
            onChange={(kind) => setT({ ...t, kind: kind as 'reseller' | 'customer' })}
          />
        )}
        {t.kind === 'reseller' && (
          <Switch
            label="It may have a nameserver set and servers of its own"
            checked={!!t.clustering}
            onChange={(e) => setT({ ...t, clustering: e.currentTarget.checked })}
          />
        )}
        <ProblemAlert error={add.error} />
        <Button type="submit" loading={add.isPending}>
          Add
        </Button>
      </Stack>
    </Modal>
  );
}
