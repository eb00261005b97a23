import { ActionIcon, Button, Group, Menu, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconBookmark, IconTrash } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import type { ZoneFilter } from '../../api/queries';
import { fromSearch, inWords } from './filter';

type Kept = { name: string; filter: ZoneFilter };

/** read takes what the browser kept; what is not of ours is forgotten. */
function read(text: string | undefined): Kept[] {
  try {
    const list: unknown = JSON.parse(text ?? '[]');
    if (!Array.isArray(list)) return [];
    return list.filter((k) => typeof k?.name === 'string' && k.filter).map((k) => ({ name: k.name, filter: fromSearch(k.filter) }));
  } catch {
    return [];
  }
}

type Props = { filter: ZoneFilter; set: (filter: ZoneFilter) => void };

/** Saved keeps filters by name, in this browser. */
export function Saved({ filter, set }: Props) {
  const [kept, keep] = useLocalStorage<Kept[]>({
    key: 'skein-zone-filters',
    defaultValue: [],
    deserialize: read,
    getInitialValueInEffect: false,
  });
  const [asking, ask] = useState(false);
  const what = inWords(filter);
  return (
    <>
      <Menu position="bottom-end" width={300}>
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={16} aria-hidden />}>
            Saved filters
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {kept.map((k) => (
            <Menu.Item key={k.name} onClick={() => set(k.filter)}>
              {k.name}
              <Text size="xs" c="dimmed">
                {inWords(k.filter)}
              </Text>
            </Menu.Item>
          ))}
          {kept.length === 0 && <Menu.Label>None yet: filter the list, then save that here.</Menu.Label>}
          <Menu.Divider />
          <Menu.Item disabled={!what} onClick={() => ask(true)}>
            Save this one…
          </Menu.Item>
          <Menu.Item disabled={kept.length === 0} onClick={() => ask(true)}>
            Forget some…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asking && <Keep what={what} filter={filter} kept={kept} keep={keep} close={() => ask(false)} />}
    </>
  );
}

type KeepProps = { what: string; filter: ZoneFilter; kept: Kept[]; keep: (all: Kept[]) => void; close: () => void };

function Keep({ what, filter, kept, keep, close }: KeepProps) {
  const [name, setName] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = name.trim();
    if (!given) return;
    keep([...kept.filter((k) => k.name !== given), { name: given, filter }].sort((a, b) => a.name.localeCompare(b.name)));
    close();
  };
  return (
    <Modal opened onClose={close} title="Saved filters">
      <Stack>
        {what && (
          <form onSubmit={submit}>
            <Stack gap="xs">
              <Text size="sm">{what}</Text>
              <Group align="flex-end" wrap="nowrap">
                <TextInput
                  label="Name"
                  data-autofocus
                  maxLength={60}
                  style={{ flex: 1 }}
                  value={name}
                  onChange={(e) => setName(e.target.value)}
                />
                <Button type="submit" disabled={!name.trim()}>
                  Save
                </Button>
              </Group>
            </Stack>
          </form>
        )}
        {kept.map((k) => (
          <Group key={k.name} justify="space-between" wrap="nowrap">
            <div>
              <b>{k.name}</b>
              <Text size="xs" c="dimmed">
                {inWords(k.filter)}
              </Text>
            </div>
            <ActionIcon variant="default" aria-label={`Forget ${k.name}`} onClick={() => keep(kept.filter((x) => x.name !== k.name))}>
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Text size="xs" c="dimmed">
          They are kept in this browser.
        </Text>
      </Stack>
    </Modal>
  );
}
