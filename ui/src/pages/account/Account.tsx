import { Button, Code, Group, Modal, PasswordInput, Stack, Table, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { http, take } from '../../api/http';
import { me } from '../../api/queries';
import { Answer } from '../../parts/Answer';
import { Facts } from '../../parts/Facts';
import { Page, Panel } from '../../parts/Page';
import { ProblemAlert } from '../../parts/Problem';
import { Secret } from '../../parts/Secret';
import { Ago } from '../../parts/time';

/** Account is one's own password, one-time code and sessions. */
export default function Account() {
  const who = useQuery(me);
  const user = who.data?.user;
  if (!user) return null;
  return (
    <Page title="My account">
      <Panel title={user.name}>
        <Facts
          of={[
            ['Role', user.role],
            ['Of', user.tenant],
            ['Signed in last', <Ago key="l" at={user.last_login} />],
          ]}
        />
      </Panel>
      <Password name={user.name} />
      <Code2 on={user.totp} name={user.name} />
      <Sessions name={user.name} />
    </Page>
  );
}

function Password({ name }: { name: string }) {
  const client = useQueryClient();
  const [given, setGiven] = useState({ old: '', new: '' });
  const save = useMutation({
    mutationFn: () => http.PUT('/api/v1/users/{name}/password', { params: { path: { name } }, body: given }),
    onSuccess: () => {
      notifications.show({ message: 'The password is changed. All sessions ended: sign in with the new one.' });
      client.setQueryData(me.queryKey, null);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Panel title="Password">
      <Stack component="form" onSubmit={submit} maw="26rem">
        <PasswordInput
          label="Password until now"
          required
          autoComplete="current-password"
          value={given.old}
          onChange={(e) => setGiven({ ...given, old: e.target.value })}
        />
        <PasswordInput
          label="New password"
          description="12 characters at least. All sessions end."
          required
          minLength={12}
          autoComplete="new-password"
          value={given.new}
          onChange={(e) => setGiven({ ...given, new: e.target.value })}
        />
        <ProblemAlert error={save.error} />
        <Group>
          <Button type="submit" loading={save.isPending}>
            Change it
          </Button>
        </Group>
      </Stack>
    </Panel>
  );
}

function Code2({ on, name }: { on: boolean; name: string }) {
  const client = useQueryClient();
  const [code, setCode] = useState('');
  const refresh = () => client.invalidateQueries({ queryKey: me.queryKey });
  const start = useMutation({ mutationFn: () => take(http.POST('/api/v1/me/totp')) });
  const confirm = useMutation({
    mutationFn: () => http.PUT('/api/v1/me/totp', { body: { code } }),
    onSuccess: () => {
      start.reset();
      setCode('');
      notifications.show({ message: 'A one-time code is asked for from now on.' });
      void refresh();
    },
  });
  const drop = useMutation({
    mutationFn: () => http.DELETE('/api/v1/users/{name}/totp', { params: { path: { name } } }),
    onSuccess: refresh,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate();
  };
  return (
    <Panel title="One-time code">
      <Group justify="space-between">
        <Text size="sm">
          {on ? 'A code of your authenticator is asked for when you sign in.' : 'Only the password is asked for when you sign in.'}
        </Text>
        {on ? (
          <Button variant="default" loading={drop.isPending} onClick={() => drop.mutate()}>
            Ask for no code
          </Button>
        ) : (
          <Button variant="default" loading={start.isPending} onClick={() => start.mutate()}>
            Set up an authenticator
          </Button>
        )}
      </Group>
      <ProblemAlert error={start.error ?? drop.error} />
      {start.data && (
        <Modal opened onClose={() => start.reset()} title="Set up an authenticator" size="lg">
          <Stack component="form" onSubmit={submit}>
            <Text size="sm">Give this secret to your authenticator. It is shown this once.</Text>
            <Secret text={start.data.secret} label="Secret" />
            <Text size="sm">
              Or open this address on the device that has it: <Code style={{ overflowWrap: 'anywhere' }}>{start.data.url}</Code>
            </Text>
            <TextInput
              label="The code that it shows now"
              inputMode="numeric"
              autoComplete="one-time-code"
              required
              maw="14rem"
              value={code}
              onChange={(e) => setCode(e.target.value)}
            />
            <ProblemAlert error={confirm.error} />
            <Group>
              <Button type="submit" loading={confirm.isPending}>
                Ask for it from now on
              </Button>
            </Group>
          </Stack>
        </Modal>
      )}
    </Panel>
  );
}

function Sessions({ name }: { name: string }) {
  const client = useQueryClient();
  const list = useQuery({
    queryKey: ['sessions', name],
    queryFn: async ({ signal }) => (await take(http.GET('/api/v1/users/{name}/sessions', { params: { path: { name } }, signal }))).sessions,
  });
  const stop = useMutation({
    mutationFn: (id: string) => http.DELETE('/api/v1/users/{name}/sessions/{id}', { params: { path: { name, id } } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['sessions'] }),
  });
  return (
    <Panel title="Where I am signed in" padded={false}>
      <ProblemAlert error={stop.error} />
      <Answer of={list}>
        {(all) => (
          <div className="scrolls" tabIndex={0} role="region" aria-label="Sessions">
            <Table className="less-1 less-4">
              <Table.Thead className="table-head">
                <Table.Tr>
                  <Table.Th>Since</Table.Th>
                  <Table.Th>Last used</Table.Th>
                  <Table.Th>From</Table.Th>
                  <Table.Th>With</Table.Th>
                  <Table.Th>
                    <span className="soft">End</span>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {all.map((s) => (
                  <Table.Tr key={s.id}>
                    <Table.Td>
                      <Ago at={s.created} />
                    </Table.Td>
                    <Table.Td>
                      <Ago at={s.seen} />
                    </Table.Td>
                    <Table.Td className="mono">{s.address}</Table.Td>
                    <Table.Td>{s.agent}</Table.Td>
                    <Table.Td>
                      <Button
                        size="compact-sm"
                        variant="default"
                        aria-label={`End the session from ${s.address}`}
                        onClick={() => stop.mutate(s.id)}
                      >
                        End it
                      </Button>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        )}
      </Answer>
    </Panel>
  );
}
