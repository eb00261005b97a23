import { ActionIcon, Button, Group, Modal, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { http, tag, take, type Schemas } from '../../api/http';
import { ProblemAlert } from '../../parts/Problem';

/** PoolForm changes a nameserver set; zones follow in the background. */
export function PoolForm({ p, close }: { p: Schemas['Pool']; close: () => void }) {
  const client = useQueryClient();
  const [set, setSet] = useState<Schemas['EditPool']>({
    nameservers: p.nameservers.length ? p.nameservers : [{ name: '' }, { name: '' }],
    rule: p.rule,
    mname: p.mname,
    rname: p.rname,
  });
  const name = (i: number, change: Partial<Schemas['PoolNameserver']>) =>
    setSet({ ...set, nameservers: set.nameservers.map((n, k) => (k === i ? { ...n, ...change } : n)) });
  const save = useMutation({
    mutationFn: () =>
      take(
        http.PUT('/api/v1/pools/{name}', {
          params: { path: { name: p.name }, header: { 'If-Match': tag(p.version) } },
          body: {
            ...set,
            nameservers: set.nameservers.filter((n) => n.name),
            mname: set.mname || undefined,
            rname: set.rname || undefined,
          },
        }),
      ),
    onSuccess: () => {
      close();
      notifications.show({ message: `The set ${p.name} is changed; its zones follow.` });
      void client.invalidateQueries({ queryKey: ['pools'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Modal opened onClose={close} title={`Nameserver set ${p.name}`} size="lg">
      <Stack component="form" onSubmit={submit}>
        {set.nameservers.map((n, i) => (
          <Group key={i} align="flex-end">
            <TextInput
              style={{ flex: '1 1 11rem' }}
              label={`Nameserver ${i + 1}`}
              placeholder={`ns${i + 1}.example.net`}
              spellCheck={false}
              value={n.name}
              onChange={(e) => name(i, { name: e.target.value.trim() })}
            />
            <TagsInput
              style={{ flex: '1 1 11rem' }}
              label="Its addresses"
              placeholder="any"
              value={n.addresses ?? []}
              onChange={(addresses) => name(i, { addresses })}
            />
            <ActionIcon
              variant="default"
              size="lg"
              aria-label={`Remove nameserver ${i + 1}`}
              onClick={() => setSet({ ...set, nameservers: set.nameservers.filter((_, k) => k !== i) })}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Group>
          <Button
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => setSet({ ...set, nameservers: [...set.nameservers, { name: '' }] })}
          >
            One more
          </Button>
        </Group>
        <Select
          label="What becomes of the names that zones come with"
          allowDeselect={false}
          data={[
            { value: 'keep', label: 'Zones stay as they come' },
            { value: 'add', label: 'These names come to those of the zone' },
            { value: 'replace', label: 'These names take the place of the zone’s' },
          ]}
          value={set.rule}
          onChange={(rule) => setSet({ ...set, rule: rule as Schemas['EditPool']['rule'] })}
        />
        <Group grow align="flex-end">
          <TextInput
            label="Primary nameserver in the SOA"
            placeholder="the zone’s own"
            value={set.mname ?? ''}
            onChange={(e) => setSet({ ...set, mname: e.target.value.trim() })}
          />
          <TextInput
            label="Mailbox in the SOA"
            description="Written as a name"
            placeholder="hostmaster.example.net"
            value={set.rname ?? ''}
            onChange={(e) => setSet({ ...set, rname: e.target.value.trim() })}
          />
        </Group>
        <ProblemAlert error={save.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Leave it as it is
          </Button>
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
