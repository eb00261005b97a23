import { ActionIcon, List, Menu, Select, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDots } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, take, type Schemas } from '../../api/http';
import { ConfirmModal } from '../../parts/Confirm';
import { shown } from '../../parts/names';
import { count } from '../../parts/time';
import { Revert } from './Revert';
import { Transfers } from './Transfers';

type Source = Schemas['Source'];
type Zones = 'keep' | 'hand-over' | 'recycle';

export function SourceMenu({ s, all, edit }: { s: Source; all: Source[]; edit: () => void }) {
  const [open, setOpen] = useState<'remove' | 'revert' | 'transfers'>();
  const close = () => setOpen(undefined);
  if (s.door === 'people' || s.door === 'member') return null; // made with what they belong to
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" aria-label={`Change ${s.name}`}>
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={edit}>Change…</Menu.Item>
          {(s.door === 'transfer' || s.door === 'rndc' || s.mode === 'transfer') && (
            <Menu.Item onClick={() => setOpen('transfers')}>Zones that are transferred…</Menu.Item>
          )}
          <Menu.Item onClick={() => setOpen('revert')}>Undo what it changed…</Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={() => setOpen('remove')}>Remove…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open === 'remove' && <Remove s={s} all={all} close={close} />}
      {open === 'revert' && <Revert s={s} close={close} />}
      {open === 'transfers' && <Transfers s={s} close={close} />}
    </>
  );
}

function Remove({ s, all, close }: { s: Source; all: Source[]; close: () => void }) {
  const client = useQueryClient();
  const [zones, setZones] = useState<Zones>('keep');
  const [to, setTo] = useState<string | null>(null);
  const call = (dry_run: boolean) =>
    take(
      http.DELETE('/api/v1/sources/{name}', {
        params: { path: { name: s.name }, query: { zones, to: zones === 'hand-over' ? (to ?? undefined) : undefined, dry_run } },
      }),
    );
  const ready = zones !== 'hand-over' || !!to;
  const preview = useQuery({
    queryKey: ['sources', 'removal', s.name, zones, to],
    queryFn: () => call(true),
    enabled: ready,
    retry: false,
    gcTime: 0,
  });
  const remove = useMutation({
    mutationFn: () => call(false),
    onSuccess: () => {
      close();
      notifications.show({ message: `${s.name} is removed.` });
      void client.invalidateQueries({ queryKey: ['sources'] });
    },
  });
  const p = preview.data;
  return (
    <ConfirmModal
      open
      close={close}
      title={`Remove ${s.name}?`}
      confirm="Remove it"
      danger
      go={() => remove.mutate()}
      busy={remove.isPending}
      error={remove.error ?? preview.error}
      ready={preview.isSuccess}
    >
      <Select
        label="What becomes of its zones"
        allowDeselect={false}
        data={[
          { value: 'keep', label: 'They stay, without a source that may change them' },
          { value: 'hand-over', label: 'Another source gets them' },
          { value: 'recycle', label: 'They are deleted, and can be brought back' },
        ]}
        value={zones}
        onChange={(z) => setZones(z as Zones)}
      />
      {zones === 'hand-over' && (
        <Select label="Who gets them" searchable data={all.map((o) => o.name).filter((n) => n !== s.name)} value={to} onChange={setTo} />
      )}
      {p && (
        <Stack gap="xs">
          <Text size="sm">With it go:</Text>
          <List size="sm">
            <List.Item>
              {count(p.zones)} zones{p.examples?.length ? `, such as ${p.examples.slice(0, 3).map(shown).join(', ')}` : ''}
            </List.Item>
            <List.Item>{count(p.overlays)} records in zones of others</List.Item>
            <List.Item>
              {count(p.tokens)} tokens, {count(p.rules)} rules, {count(p.waiting)} changes that wait
            </List.Item>
          </List>
        </Stack>
      )}
    </ConfirmModal>
  );
}
