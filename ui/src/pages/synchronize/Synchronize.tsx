import { Button, Checkbox, Group, MultiSelect, Radio, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { http, take, type Schemas } from '../../api/http';
import { members } from '../../api/queries';
import { Page, Panel } from '../../parts/Page';
import { ProblemAlert } from '../../parts/Problem';
import { useMay } from '../../shell/may';
import { Jobs } from './Jobs';
import { Plan } from './Plan';

type Choice = 'one here' | 'all here' | 'one everywhere' | 'all everywhere';
type Asked = { choice: Choice; zone: string; from: string[]; to: string[]; unconfigured: boolean; force: boolean };

const choices: [Choice, string][] = [
  ['one here', 'One zone, to this cluster only'],
  ['all here', 'All zones, to this cluster only'],
  ['one everywhere', 'One zone, to all servers'],
  ['all everywhere', 'All zones, to all servers'],
];

/** request is what is asked of the server. */
export function request({ choice, zone, from, to, unconfigured, force }: Asked): Schemas['SyncRequest'] {
  const everywhere = choice.endsWith('everywhere');
  return {
    zone: choice.startsWith('one') ? zone : undefined,
    from: from.length ? from : undefined,
    to: everywhere && to.length ? to : undefined,
    to_all: everywhere && to.length === 0 ? true : undefined,
    unconfigured: choice.startsWith('all') && unconfigured ? true : undefined,
    force_overwrite: everywhere && force ? true : undefined,
  };
}

/** Synchronize brings zones in step by hand, after showing what that does. */
export default function Synchronize() {
  const client = useQueryClient();
  const { may } = useMay();
  const list = useQuery(members);
  const [asked, setAsked] = useState<Asked>({ choice: 'one here', zone: '', from: [], to: [], unconfigured: false, force: false });
  const preview = useMutation({ mutationFn: () => take(http.POST('/api/v1/sync', { body: { ...request(asked), dry_run: true } })) });
  const run = useMutation({
    mutationFn: () => take(http.POST('/api/v1/sync', { body: request(asked) })),
    onSuccess: () => {
      preview.reset();
      notifications.show({ message: 'It has begun, and goes on if you leave this page.' });
      void client.invalidateQueries({ queryKey: ['sync'] });
    },
  });
  const set = (change: Partial<Asked>) => {
    preview.reset();
    run.reset();
    setAsked({ ...asked, ...change });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    preview.mutate();
  };
  const read = (list.data ?? []).filter((m) => m.role !== 'write-only').map((m) => m.name);
  const written = (list.data ?? []).filter((m) => m.role !== 'standalone').map((m) => m.name);
  const one = asked.choice.startsWith('one');
  return (
    <Page
      title="Synchronize"
      lead="Servers are kept in step by themselves. This is for bringing zones in from servers that are read, and for telling all servers anew."
    >
      {may('clustering') && (
        <Panel>
          <Stack component="form" onSubmit={submit} maw="46rem">
            <Radio.Group label="What" value={asked.choice} onChange={(choice) => set({ choice: choice as Choice })}>
              <Stack gap="xs" mt="xs">
                {choices.map(([value, label]) => (
                  <Radio key={value} value={value} label={label} />
                ))}
              </Stack>
            </Radio.Group>
            {one && (
              <TextInput
                label="Zone"
                placeholder="example.com"
                required
                maw="24rem"
                spellCheck={false}
                autoCapitalize="none"
                value={asked.zone}
                onChange={(e) => set({ zone: e.target.value.trim() })}
              />
            )}
            {read.length > 0 && (
              <MultiSelect
                label="Take newer copies from"
                placeholder={asked.from.length ? undefined : 'all servers that are read'}
                data={read}
                value={asked.from}
                onChange={(from) => set({ from })}
              />
            )}
            {asked.choice.endsWith('everywhere') && (
              <>
                <MultiSelect
                  label="To"
                  placeholder={asked.to.length ? undefined : 'all servers that are written'}
                  data={written}
                  value={asked.to}
                  onChange={(to) => set({ to })}
                />
                <Checkbox
                  label="Put ours above a newer copy there"
                  checked={asked.force}
                  onChange={(e) => set({ force: e.currentTarget.checked })}
                />
              </>
            )}
            {!one && (
              <Checkbox
                label="Zones too that are not configured here"
                checked={asked.unconfigured}
                onChange={(e) => set({ unconfigured: e.currentTarget.checked })}
              />
            )}
            <ProblemAlert error={preview.error ?? run.error} />
            {preview.data ? (
              <>
                <Plan job={preview.data} />
                <Group>
                  <Button onClick={() => run.mutate()} loading={run.isPending}>
                    Do it
                  </Button>
                </Group>
              </>
            ) : (
              <Group>
                <Button type="submit" loading={preview.isPending}>
                  Show what it would do
                </Button>
                <Text size="sm" c="dimmed">
                  Nothing changes before you have seen it.
                </Text>
              </Group>
            )}
          </Stack>
        </Panel>
      )}
      <Jobs />
    </Page>
  );
}
