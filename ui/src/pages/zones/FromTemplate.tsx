import { Button, Collapse, Group, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { http, take, type Schemas } from '../../api/http';
import { templates, tenants } from '../../api/queries';
import { ProblemAlert } from '../../parts/Problem';
import { useMay } from '../../shell/may';
import { Preview, useMade } from './Preview';

type Asked = Schemas['TemplateZone'];

const plain = new Set(['domain', 'ip', 'ipv6']); // fields of their own
const filled = /^(nameserver(entry|a)?[234]?|rpemail|maildomain|ttl|nsttl|serial|reseller|cpversion|ftpip)$/;

/** variables are the further names between percent signs in a template: those that somebody has to fill in, and those that Skein does from the zone's owner and set. */
function variables(text: string): { open: string[]; known: string[] } {
  const names = [...new Set([...text.matchAll(/%([a-z][a-z0-9_]*)%/g)].map((m) => m[1]!))].filter((name) => !plain.has(name));
  return { open: names.filter((name) => !filled.test(name)), known: names.filter((name) => filled.test(name)) };
}

export function FromTemplate() {
  const list = useQuery(templates);
  const { may } = useMay();
  const owners = useQuery({ ...tenants, enabled: may('access') });
  const [asked, setAsked] = useState<Asked>({ name: '', template: 'standard' });
  const [more, { toggle }] = useDisclosure();
  const set = (change: Partial<Asked>) => {
    preview.reset();
    setAsked({ ...asked, ...change });
  };
  const call = (dry_run: boolean) =>
    take(
      http.POST('/api/v1/zones:template', {
        body: { ...asked, ip: asked.ip || undefined, ipv6: asked.ipv6 || undefined, owner: asked.owner || undefined, dry_run },
      }),
    );
  const preview = useMutation({ mutationFn: () => call(true) });
  const made = useMade();
  const create = useMutation({ mutationFn: () => call(false), onSuccess: made });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    preview.mutate();
  };
  const { open, known } = variables(list.data?.find((t) => t.name === asked.template)?.text ?? '');
  const value = (name: string) => (
    <TextInput
      key={name}
      label={name}
      description="of this template"
      value={asked.values?.[name] ?? ''}
      onChange={(e) => set({ values: { ...asked.values, [name]: e.target.value } })}
    />
  );
  return (
    <Stack component="form" onSubmit={submit} maw="46rem">
      <TextInput
        label="Name"
        placeholder="example.com"
        required
        maxLength={1100}
        spellCheck={false}
        autoCapitalize="none"
        value={asked.name}
        onChange={(e) => set({ name: e.target.value.trim() })}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Select
          label="Template"
          allowDeselect={false}
          data={(list.data ?? []).map((t) => t.name)}
          value={asked.template ?? null}
          onChange={(template) => set({ template: template ?? undefined })}
        />
        {(owners.data?.length ?? 0) > 1 && (
          <Select
            label="Owner"
            clearable
            data={owners.data!.map((t) => t.name)}
            value={asked.owner ?? null}
            placeholder="yourself"
            onChange={(owner) => set({ owner: owner ?? undefined })}
          />
        )}
        <TextInput
          label="IPv4 address"
          description="of the web server"
          placeholder="192.0.2.10"
          value={asked.ip ?? ''}
          onChange={(e) => set({ ip: e.target.value.trim() })}
        />
        <TextInput
          label="IPv6 address"
          description="if it has one"
          placeholder="2001:db8::10"
          value={asked.ipv6 ?? ''}
          onChange={(e) => set({ ipv6: e.target.value.trim() })}
        />
        {open.map(value)}
      </SimpleGrid>
      {known.length > 0 && (
        <>
          <Group gap="xs">
            <Button variant="subtle" size="compact-sm" aria-expanded={more} onClick={toggle}>
              {`Other values than Skein’s (${known.length})`}
            </Button>
            <Text size="sm" c="dimmed">
              Nameservers, mailbox and TTL are those of the zone’s set where you give no others.
            </Text>
          </Group>
          <Collapse expanded={more}>
            <SimpleGrid cols={{ base: 1, sm: 2 }}>{known.map(value)}</SimpleGrid>
          </Collapse>
        </>
      )}
      <ProblemAlert error={preview.error ?? create.error ?? list.error} />
      {preview.data ? (
        <Preview result={preview.data} create={() => create.mutate()} busy={create.isPending} />
      ) : (
        <Group>
          <Button type="submit" loading={preview.isPending}>
            Show what it will hold
          </Button>
        </Group>
      )}
    </Stack>
  );
}
