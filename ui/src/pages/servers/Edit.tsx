import { Button, Group, NumberInput, PasswordInput, SimpleGrid, Stack, Switch, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { http, tag, take, type Schemas } from '../../api/http';
import { drivers } from '../../api/queries';
import { Panel } from '../../parts/Page';
import { ProblemAlert } from '../../parts/Problem';
import { Checks } from './Checks';

/** Edit changes the settings of a server; it is tested with them before they count. */
export function Edit({ m }: { m: Schemas['Member'] }) {
  const client = useQueryClient();
  const { data: table } = useQuery(drivers);
  const driver = table?.find((d) => d.name === m.driver);
  const [edit, setEdit] = useState<Schemas['EditMember']>({});
  const set = (change: Schemas['EditMember']) => setEdit({ ...edit, ...change });
  const [anew, setAnew] = useState(false);
  const save = useMutation({
    mutationFn: () => {
      const how = { params: { path: { name: m.name }, header: { 'If-Match': tag(m.version) } }, body: edit };
      return take(anew ? http.PUT('/api/v1/members/{name}/replacement', how) : http.PATCH('/api/v1/members/{name}', how));
    },
    onSuccess: () => {
      notifications.show({ message: anew ? `${m.name} is the new machine, and is given its zones.` : `${m.name} is changed.` });
      void client.invalidateQueries({ queryKey: ['members'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  if (!driver) return null;
  return (
    <Panel>
      <Stack component="form" onSubmit={submit} maw="46rem">
        {driver.address && (
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput label="Address" value={edit.address ?? m.address ?? ''} onChange={(e) => set({ address: e.target.value.trim() })} />
            <NumberInput label="DNS port" min={1} max={65535} value={edit.port ?? m.port} onChange={(v) => set({ port: Number(v) })} />
          </SimpleGrid>
        )}
        {driver.rndc && (
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <NumberInput
              label="Port of rndc"
              min={1}
              max={65535}
              value={edit.rndc_port ?? m.rndc_port ?? ''}
              onChange={(v) => set({ rndc_port: Number(v) })}
            />
            <TextInput label="View" value={edit.view ?? m.view ?? ''} onChange={(e) => set({ view: e.target.value.trim() })} />
          </SimpleGrid>
        )}
        {(driver.port || driver.url) && (
          <TextInput
            label="Where its API is"
            value={edit.endpoint ?? m.endpoint ?? ''}
            onChange={(e) => set({ endpoint: e.target.value.trim() })}
          />
        )}
        {driver.username && (
          <TextInput
            label="User"
            autoComplete="off"
            value={edit.username ?? m.username ?? ''}
            onChange={(e) => set({ username: e.target.value.trim() })}
          />
        )}
        {driver.token && (
          <PasswordInput
            label="API token or key"
            description="Stays as it is if nothing is given"
            autoComplete="off"
            value={edit.secrets?.token ?? ''}
            onChange={(e) => set({ secrets: { ...edit.secrets, token: e.target.value.trim() } })}
          />
        )}
        {driver.settings.map((s) => (
          <TextInput
            key={s.name}
            label={s.name}
            description={s.help}
            value={edit.settings?.[s.name] ?? m.settings?.[s.name] ?? ''}
            onChange={(e) => set({ settings: { ...m.settings, ...edit.settings, [s.name]: e.target.value } })}
          />
        ))}
        <Switch
          label="Only zones that it has already are written"
          checked={(edit.only ?? m.only) === 'present'}
          onChange={(e) => set({ only: e.currentTarget.checked ? 'present' : '' })}
        />
        <Switch
          label="It is another machine that takes the name: nothing that was seen of the old one counts any more"
          checked={anew}
          onChange={(e) => setAnew(e.currentTarget.checked)}
        />
        <ProblemAlert error={save.error} />
        <Checks checks={save.data?.checks} />
        <Group>
          <Button type="submit" loading={save.isPending} disabled={!anew && Object.keys(edit).length === 0}>
            {anew ? 'Test it and put it in place of the old one' : 'Test and save'}
          </Button>
        </Group>
      </Stack>
    </Panel>
  );
}
