import { Button, Group, Modal, PasswordInput, Select, Stack, Switch, Table, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCircleCheck, IconCircleMinus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { http, tag, take, type Schemas } from '../../api/http';
import { tenants, users } from '../../api/queries';
import { Answer } from '../../parts/Answer';
import { ConfirmButton } from '../../parts/Confirm';
import { Panel } from '../../parts/Page';
import { ProblemAlert } from '../../parts/Problem';
import { Mark } from '../../parts/State';
import { Ago } from '../../parts/time';
import { useMay } from '../../shell/may';

export function Users() {
  const list = useQuery(users);
  const { may, who } = useMay();
  const [adding, setAdding] = useState(false);
  return (
    <Panel
      title="Users"
      padded={false}
      actions={
        may('access') && (
          <Button size="xs" onClick={() => setAdding(true)}>
            Add a user
          </Button>
        )
      }
    >
      <Answer of={list}>
        {(all) => (
          <div className="scrolls" tabIndex={0} role="region" aria-label="Users">
            <Table className="less-2 less-3 less-5 less-6">
              <Table.Thead className="table-head">
                <Table.Tr>
                  <Table.Th>User</Table.Th>
                  <Table.Th>Of</Table.Th>
                  <Table.Th>Role</Table.Th>
                  <Table.Th>State</Table.Th>
                  <Table.Th>One-time code</Table.Th>
                  <Table.Th>Last signed in</Table.Th>
                  <Table.Th>
                    <span className="soft">Change</span>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {all.map((u) => (
                  <Table.Tr key={u.name}>
                    <Table.Td>
                      <b>{u.name}</b>
                    </Table.Td>
                    <Table.Td>{u.tenant}</Table.Td>
                    <Table.Td>{u.role}</Table.Td>
                    <Table.Td>
                      {u.disabled ? (
                        <Mark icon={IconCircleMinus} tone="calm" text="may not sign in" />
                      ) : (
                        <Mark icon={IconCircleCheck} tone="good" text="may sign in" />
                      )}
                    </Table.Td>
                    <Table.Td>{u.totp ? 'asked for' : 'no'}</Table.Td>
                    <Table.Td>
                      <Ago at={u.last_login} />
                    </Table.Td>
                    <Table.Td>{may('access') && u.name !== who?.actor.name && <UserActions u={u} />}</Table.Td>
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

function UserActions({ u }: { u: Schemas['User'] }) {
  const client = useQueryClient();
  const path = { name: u.name };
  const done = () => client.invalidateQueries({ queryKey: ['users'] });
  const disable = useMutation({
    mutationFn: () =>
      take(
        http.PATCH('/api/v1/users/{name}', { params: { path, header: { 'If-Match': tag(u.version) } }, body: { disabled: !u.disabled } }),
      ),
    onSuccess: done,
  });
  const remove = useMutation({ mutationFn: () => http.DELETE('/api/v1/users/{name}', { params: { path } }), onSuccess: done });
  const [password, setPassword] = useState('');
  const set = useMutation({
    mutationFn: () => http.PUT('/api/v1/users/{name}/password', { params: { path }, body: { new: password } }),
    onSuccess: () => notifications.show({ message: `${u.name} has a new password, and is signed out.` }),
  });
  const drop = useMutation({ mutationFn: () => http.DELETE('/api/v1/users/{name}/totp', { params: { path } }), onSuccess: done });
  return (
    <Group gap={6}>
      <ConfirmButton
        size="compact-sm"
        label={u.disabled ? 'Enable…' : 'Disable…'}
        title={`${u.disabled ? 'Enable' : 'Disable'} ${u.name}?`}
        confirm={u.disabled ? 'Enable' : 'Disable'}
        run={() => disable.mutateAsync()}
        busy={disable.isPending}
        error={disable.error}
      >
        <Text>{u.disabled ? 'They can sign in again.' : 'They are signed out at once, and cannot sign in.'}</Text>
      </ConfirmButton>
      <ConfirmButton
        size="compact-sm"
        label="Password…"
        title={`A new password for ${u.name}`}
        confirm="Set it"
        run={() => set.mutateAsync()}
        busy={set.isPending}
        error={set.error}
      >
        <PasswordInput
          label="New password"
          description="12 characters at least"
          autoComplete="new-password"
          value={password}
          onChange={(e) => setPassword(e.target.value)}
        />
      </ConfirmButton>
      {u.totp && (
        <ConfirmButton
          size="compact-sm"
          label="Drop code…"
          title={`Ask ${u.name} for no one-time code?`}
          confirm="Drop it"
          danger
          run={() => drop.mutateAsync()}
          busy={drop.isPending}
          error={drop.error}
        >
          <Text>For somebody who has lost the authenticator. Be sure that it is them who asks.</Text>
        </ConfirmButton>
      )}
      <ConfirmButton
        size="compact-sm"
        label="Remove…"
        title={`Remove ${u.name}?`}
        confirm="Remove"
        danger
        run={() => remove.mutateAsync()}
        busy={remove.isPending}
        error={remove.error}
      >
        <Text>Their sessions end, and the tokens that they made with a role end with them.</Text>
      </ConfirmButton>
    </Group>
  );
}

function Add({ close }: { close: () => void }) {
  const client = useQueryClient();
  const list = useQuery(tenants);
  const [u, setU] = useState<Schemas['NewUser']>({ name: '', role: 'root', password: '' });
  const of = list.data?.find((t) => t.name === (u.tenant ?? list.data[0]?.name));
  const [reader, setReader] = useState(false);
  const add = useMutation({
    mutationFn: () =>
      take(http.POST('/api/v1/users', { body: { ...u, tenant: of?.name, role: reader ? 'read-only' : (of?.kind ?? 'root') } })),
    onSuccess: () => {
      close();
      notifications.show({ message: `${u.name} can sign in.` });
      void client.invalidateQueries({ queryKey: ['users'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Modal opened onClose={close} title="Add a user">
      <Stack component="form" onSubmit={submit}>
        <TextInput
          label="Name"
          description="Lower-case letters, digits and . - _ @ +"
          required
          data-autofocus
          autoCapitalize="none"
          spellCheck={false}
          value={u.name}
          onChange={(e) => setU({ ...u, name: e.target.value.trim() })}
        />
        <Select
          label="Of"
          description="Whose zones they see"
          allowDeselect={false}
          data={(list.data ?? []).map((t) => t.name)}
          value={of?.name ?? null}
          onChange={(tenant) => setU({ ...u, tenant: tenant ?? undefined })}
        />
        <Switch label="May look, and change nothing" checked={reader} onChange={(e) => setReader(e.currentTarget.checked)} />
        <PasswordInput
          label="Password"
          description="12 characters at least"
          required
          minLength={12}
          autoComplete="new-password"
          value={u.password}
          onChange={(e) => setU({ ...u, password: e.target.value })}
        />
        <ProblemAlert error={add.error} />
        <Button type="submit" loading={add.isPending}>
          Add
        </Button>
      </Stack>
    </Modal>
  );
}
