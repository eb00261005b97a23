import { Button, Group, NumberInput, PasswordInput, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { Schemas } from '../../api/http';
import { ProblemAlert } from '../../parts/Problem';
import { roleWords } from './RoleMenu';

type Driver = Schemas['DriverInfo'];
type New = Schemas['NewMember'];
type Props = { drivers: Driver[]; busy: boolean; error: unknown; onSubmit: (m: New) => void };

/** DriverForm asks what a server of the chosen type needs, and no more. */
export function DriverForm({ drivers, busy, error, onSubmit }: Props) {
  const [m, setM] = useState<New>({ name: '', driver: drivers[0]?.name });
  const driver = drivers.find((d) => d.name === m.driver);
  const set = (change: Partial<New>) => setM({ ...m, ...change });
  const secret = (change: Partial<NonNullable<New['secrets']>>) => set({ secrets: { ...m.secrets, ...change } });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit(whole(m));
  };
  return (
    <Stack component="form" onSubmit={submit} pt="md" maw="46rem">
      <Select
        label="Type"
        description={driver?.does}
        data={drivers.map((d) => d.name)}
        value={m.driver ?? null}
        allowDeselect={false}
        onChange={(name) => setM({ name: m.name, address: m.address, driver: name ?? undefined })}
      />
      <TextInput
        label="Name"
        description="Its host name, as you want to see it here"
        placeholder="ns2.example.net"
        required
        maxLength={253}
        value={m.name}
        onChange={(e) => set({ name: e.target.value.trim() })}
      />
      {driver && (
        <>
          {driver.address && (
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <TextInput
                label="Address"
                description="Where it answers DNS"
                placeholder="192.0.2.53"
                required
                value={m.address ?? ''}
                onChange={(e) => set({ address: e.target.value.trim() })}
              />
              <NumberInput
                label="DNS port"
                description="53 where nothing else is given"
                min={1}
                max={65535}
                value={m.port ?? ''}
                onChange={(v) => set({ port: numeric(v) })}
              />
            </SimpleGrid>
          )}
          {driver.rndc && (
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <NumberInput
                label="Port of rndc"
                description="953 where nothing else is given"
                min={1}
                max={65535}
                value={m.rndc_port ?? ''}
                onChange={(v) => set({ rndc_port: numeric(v) })}
              />
              <TextInput
                label="View"
                description="Only where named.conf has views"
                value={m.view ?? ''}
                onChange={(e) => set({ view: e.target.value.trim() })}
              />
            </SimpleGrid>
          )}
          {(driver.port || driver.url) && (
            <TextInput
              label="Where its API is"
              description={
                driver.url ? `${driver.url} where nothing else is given` : `Its address at port ${driver.port} where nothing else is given`
              }
              value={m.endpoint ?? ''}
              onChange={(e) => set({ endpoint: e.target.value.trim() })}
            />
          )}
          {driver.username && (
            <TextInput
              label="User"
              description={driver.default_user && `${driver.default_user} where nothing else is given`}
              required={!driver.default_user}
              autoComplete="off"
              value={m.username ?? ''}
              onChange={(e) => set({ username: e.target.value.trim() })}
            />
          )}
          {driver.token && (
            <PasswordInput
              label="API token or key"
              required
              autoComplete="off"
              value={m.secrets?.token ?? ''}
              onChange={(e) => secret({ token: e.target.value.trim() })}
            />
          )}
          {driver.certificate && <Certificates secrets={m.secrets ?? {}} set={secret} />}
          {driver.settings.map((s) => (
            <TextInput
              key={s.name}
              label={s.name}
              description={`${s.help}${s.default ? `; ${s.default} where nothing else is given` : ''}`}
              placeholder={s.default}
              value={m.settings?.[s.name] ?? ''}
              onChange={(e) => set({ settings: { ...m.settings, [s.name]: e.target.value } })}
            />
          ))}
          {driver.roles.length > 1 && (
            <Select
              label="Role"
              data={driver.roles}
              value={m.role ?? driver.roles[0] ?? null}
              allowDeselect={false}
              description={roleWords[(m.role ?? driver.roles[0]) as keyof typeof roleWords]}
              onChange={(role) => set({ role: (role ?? undefined) as New['role'] })}
            />
          )}
          {driver.prints && driver.transfer && (
            <TextInput
              label="Working directory of the server"
              description="Only for the printed configuration; what its package uses where nothing else is given"
              value={m.style?.directory ?? ''}
              onChange={(e) => set({ style: { ...m.style, directory: e.target.value.trim() } })}
            />
          )}
        </>
      )}
      <ProblemAlert error={error} />
      <Group>
        <Button type="submit" loading={busy}>
          {driver?.prints ? 'Show what to paste there' : 'Test and add it'}
        </Button>
        <Text size="sm" c="dimmed">
          {driver?.prints ? 'Nothing is written to it before it has passed its test.' : 'The test changes nothing that stays.'}
        </Text>
      </Group>
    </Stack>
  );
}

type Secrets = NonNullable<New['secrets']>;

function Certificates({ secrets, set }: { secrets: Secrets; set: (change: Partial<Secrets>) => void }) {
  const fields: [keyof Secrets, string][] = [
    ['certificate', 'Client certificate (PEM)'],
    ['private_key', 'Its private key (PEM)'],
    ['server', 'Certificate of the server (PEM)'],
  ];
  return fields.map(([key, label]) => (
    <Textarea
      key={key}
      label={label}
      required
      autosize
      minRows={2}
      maxRows={6}
      spellCheck={false}
      classNames={{ input: 'mono' }}
      value={secrets[key] ?? ''}
      onChange={(e) => set({ [key]: e.target.value })}
    />
  ));
}

const numeric = (v: string | number) => (v === '' ? undefined : Number(v));

/** whole leaves out what was not filled in. */
function whole(m: New): New {
  const kept = Object.fromEntries(Object.entries(m).filter(([, v]) => v !== undefined && v !== '')) as New;
  if (m.settings) kept.settings = Object.fromEntries(Object.entries(m.settings).filter(([, v]) => v !== ''));
  return kept;
}
