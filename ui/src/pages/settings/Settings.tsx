import { Button, Group, NumberInput, Select, Stack, Switch, Table, TagsInput, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertCircle, IconCircleCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { http, tag, take, type Schemas } from '../../api/http';
import { cluster, status } from '../../api/queries';
import { Answer } from '../../parts/Answer';
import { Page, Panel } from '../../parts/Page';
import { ProblemAlert } from '../../parts/Problem';
import { Mark } from '../../parts/State';
import { useMay } from '../../shell/may';

type Cluster = Schemas['ClusterSettings'];

/** Settings are what holds for all servers. */
export default function Settings() {
  const now = useQuery(cluster);
  const version = useQuery(status).data?.version;
  return (
    <Page title="Settings" lead={version && `Skein ${version}`}>
      <Answer of={now}>
        {(c) => (
          <Stack>
            <Form key={c.version} c={c} />
            <Notices />
          </Stack>
        )}
      </Answer>
    </Page>
  );
}

function Form({ c }: { c: Cluster }) {
  const client = useQueryClient();
  const { may } = useMay();
  const [edit, setEdit] = useState<Schemas['EditCluster']>({});
  const s = { ...c, ...edit };
  const set = (change: Schemas['EditCluster']) => setEdit({ ...edit, ...change });
  const save = useMutation({
    mutationFn: () => take(http.PATCH('/api/v1/cluster', { params: { header: { 'If-Match': tag(c.version) } }, body: edit })),
    onSuccess: (saved) => {
      client.setQueryData(cluster.queryKey, saved);
      notifications.show({ message: 'The settings are saved.' });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Panel title="When a server fails">
          <Stack maw="40rem">
            <Switch
              label="Disable a server after failures"
              checked={!s.keep_online}
              onChange={(e) => set({ keep_online: !e.currentTarget.checked })}
            />
            <NumberInput
              label="Failures in a row"
              min={1}
              max={1000}
              disabled={s.keep_online}
              maw="12rem"
              value={s.threshold}
              onChange={(v) => set({ threshold: Number(v) })}
            />
            <Select
              label="How it comes back"
              allowDeselect={false}
              data={[
                { value: 'automatic', label: 'By itself, once it answers' },
                { value: 'manual', label: 'A person enables it' },
              ]}
              value={s.reenable}
              onChange={(reenable) => set({ reenable: reenable as Cluster['reenable'] })}
            />
            <Switch
              label="Tell people that it was disabled"
              checked={s.failure_notices}
              onChange={(e) => set({ failure_notices: e.currentTarget.checked })}
            />
          </Stack>
        </Panel>
        <Panel title="Who decides">
          <Stack maw="40rem">
            <Select
              label="When a server has a newer copy than Skein"
              allowDeselect={false}
              data={[
                { value: 'person', label: 'A person decides' },
                { value: 'highest-serial', label: 'The highest serial wins' },
              ]}
              value={s.conflicts}
              onChange={(conflicts) => set({ conflicts: conflicts as Cluster['conflicts'] })}
            />
            <Select
              label="New zones of others than administrators"
              allowDeselect={false}
              data={[
                { value: 'allowed', label: 'are made, wherever the domain is served today' },
                { value: 'trusted', label: 'need approval, unless trusted nameservers serve the domain today' },
              ]}
              value={s.remote}
              onChange={(remote) => set({ remote: remote as Cluster['remote'] })}
            />
            <TagsInput
              label="Networks of trusted nameservers"
              placeholder="192.0.2.0/24"
              value={s.trusted}
              onChange={(trusted) => set({ trusted })}
            />
          </Stack>
        </Panel>
        <Panel title="Service domains">
          <Stack maw="40rem">
            <Text size="sm" c="dimmed">
              The names of a hosting panel’s services, such as webmail. A zone’s page adds them to one zone.
            </Text>
            <Switch
              label="They are on, for panels and scripts that ask whether they are"
              checked={s.service_domains}
              onChange={(e) => set({ service_domains: e.currentTarget.checked })}
            />
            <Switch
              label="With those by which mail programs find their settings"
              checked={s.autodiscover}
              onChange={(e) => set({ autodiscover: e.currentTarget.checked })}
            />
            <TextInput
              label="Host of Autodiscover"
              placeholder="none"
              disabled={!s.autodiscover}
              value={s.autodiscover_host ?? ''}
              onChange={(e) => set({ autodiscover_host: e.target.value.trim() })}
            />
          </Stack>
        </Panel>
        <ProblemAlert error={save.error} />
        {may('clustering') && (
          <Group>
            <Button type="submit" loading={save.isPending} disabled={Object.keys(edit).length === 0}>
              Save
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}

/** Notices tries whether people are reached. */
function Notices() {
  const { root, may } = useMay();
  const trial = useMutation({ mutationFn: async () => (await take(http.POST('/api/v1/notices/trial'))).trials });
  if (!root || !may('clustering')) return null;
  return (
    <Panel
      title="Notices"
      actions={
        <Button size="xs" variant="default" loading={trial.isPending} onClick={() => trial.mutate()}>
          Send a trial
        </Button>
      }
    >
      <ProblemAlert error={trial.error} />
      {trial.data ? (
        <Table>
          <Table.Tbody>
            {trial.data.map((t) => (
              <Table.Tr key={t.target}>
                <Table.Td>{t.target}</Table.Td>
                <Table.Td>
                  {t.ok ? (
                    <Mark icon={IconCircleCheck} tone="good" text="took it" />
                  ) : (
                    <Mark icon={IconAlertCircle} tone="bad" text="did not take it" />
                  )}
                </Table.Td>
                <Table.Td>{t.text}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      ) : (
        <Text size="sm" c="dimmed">
          Where notices go is in the node’s file of notices. A trial goes to each of its targets.
        </Text>
      )}
    </Panel>
  );
}
