import { Button, Group, Modal, NumberInput, Select, Stack, Switch, TagsInput, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { http, take, type Schemas } from '../../api/http';
import { ProblemAlert } from '../../parts/Problem';
import { TransferFields } from './TransferFields';

type Source = Schemas['Source'];
type New = Schemas['NewSource'];

const hour = 3_600_000_000_000; // in nanoseconds, as the API counts

/** SourceForm adds a source, or changes one. */
export function SourceForm({ was, close }: { was?: Source; close: () => void }) {
  const client = useQueryClient();
  const [s, setS] = useState<New>(
    was
      ? {
          name: was.name,
          door: was.door as New['door'],
          networks: was.networks,
          silence: was.silence,
          paused: was.paused,
          mode: was.mode as New['mode'],
          transfer: was.transfer,
          tenant: was.tenant,
        }
      : { name: '', door: 'plesk' },
  );
  const set = (change: Partial<New>) => setS({ ...s, ...change });
  const save = useMutation({
    mutationFn: () =>
      take(
        was
          ? http.PUT('/api/v1/sources/{name}', { params: { path: { name: was.name } }, body: { ...s, $schema: undefined } as never })
          : http.POST('/api/v1/sources', { body: s }),
      ),
    onSuccess: () => {
      close();
      notifications.show({
        message: was ? `${s.name} is changed.` : `${s.name} is added. Make a token for it on the page Users and tokens.`,
      });
      void client.invalidateQueries({ queryKey: ['sources'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const transfers = s.door === 'transfer' || (s.door === 'plesk' && s.mode === 'transfer');
  return (
    <Modal opened onClose={close} title={was ? `Change ${was.name}` : 'Add a source'} size="lg">
      <Stack component="form" onSubmit={submit}>
        <TextInput
          label="Name"
          placeholder="plesk1.example.net"
          required
          disabled={!!was}
          maxLength={200}
          data-autofocus
          value={s.name}
          onChange={(e) => set({ name: e.target.value.trim() })}
        />
        <Select
          label="Door"
          description="How it speaks to Skein"
          allowDeselect={false}
          disabled={!!was}
          data={[
            { value: 'plesk', label: 'Plesk' },
            { value: 'whm', label: 'cPanel and WHM' },
            { value: 'rndc', label: 'rndc' },
            { value: 'transfer', label: 'zone transfer' },
            { value: 'api', label: 'REST API' },
          ]}
          value={s.door ?? null}
          onChange={(door) => set({ door: door as New['door'], mode: undefined })}
        />
        {s.door === 'plesk' && (
          <Select
            label="How contents come"
            allowDeselect={false}
            data={[
              { value: 'push', label: 'Plesk pushes them' },
              { value: 'transfer', label: 'by zone transfer from Plesk’s nameserver' },
            ]}
            value={s.mode ?? 'push'}
            onChange={(mode) => set({ mode: mode as New['mode'] })}
          />
        )}
        {transfers && <TransferFields source={s} set={set} />}
        <TagsInput
          label="Networks"
          description="Where it may come from; anywhere if none"
          placeholder="192.0.2.0/24"
          value={s.networks ?? []}
          onChange={(networks) => set({ networks })}
        />
        <NumberInput
          label="Alarm after hours of silence"
          description="Never if nothing is given"
          min={0}
          value={s.silence ? s.silence / hour : ''}
          onChange={(v) => set({ silence: v ? Number(v) * hour : undefined })}
          maw="16rem"
        />
        <Switch
          label="Silenced: everything from it is refused"
          checked={!!s.paused}
          onChange={(e) => set({ paused: e.currentTarget.checked })}
        />
        <ProblemAlert error={save.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Leave it as it is
          </Button>
          <Button type="submit" loading={save.isPending}>
            {was ? 'Save' : 'Add it'}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
