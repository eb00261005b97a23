import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, tag, take, type Schemas } from '../../api/http';
import { drivers, members } from '../../api/queries';
import { ConfirmButton } from '../../parts/Confirm';
import { ProblemAlert } from '../../parts/Problem';
import { useMay } from '../../shell/may';
import { Plan } from '../servers/Plan';
import { roleWords } from '../servers/RoleMenu';

type Role = Schemas['Share']['role'];

/** PoolServers are those that serve a set's zones: its own, and those of other sets that it shares. */
export function PoolServers({ p }: { p: Schemas['Pool'] }) {
  const { may } = useMay();
  const { data } = useQuery(members);
  const [sharing, setSharing] = useState(false);
  const others = (data ?? []).filter((m) => m.pool !== p.name);
  const shared = others.filter((m) => m.shares?.some((s) => s.pool === p.name));
  const free = others.filter((m) => !shared.includes(m));
  const own = p.members.filter((name) => !shared.some((m) => m.name === name));
  return (
    <Stack gap={6}>
      {(own.length > 0 || shared.length === 0) && <span>{own.length ? own.join(', ') : 'Skein itself'}</span>}
      {shared.map((m) => (
        <Group key={m.name} gap="xs">
          <span>
            {m.name}{' '}
            <span className="soft">
              (shared from {m.pool}, {m.shares?.find((s) => s.pool === p.name)?.role})
            </span>
          </span>
          {may('clustering') && <Unshare p={p} m={m} />}
        </Group>
      ))}
      {may('clustering') && free.length > 0 && (
        <div>
          <Button size="compact-sm" variant="default" aria-label={`Share a server with ${p.name}`} onClick={() => setSharing(true)}>
            Share a server…
          </Button>
        </div>
      )}
      {sharing && <ShareServer p={p} free={free} close={() => setSharing(false)} />}
    </Stack>
  );
}

function useChanged() {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: ['pools'] });
    void client.invalidateQueries({ queryKey: ['members'] });
  };
}

function Unshare({ p, m }: { p: Schemas['Pool']; m: Schemas['Member'] }) {
  const changed = useChanged();
  const stop = useMutation({
    mutationFn: () =>
      take(
        http.DELETE('/api/v1/pools/{name}/members/{member}', {
          params: { path: { name: p.name, member: m.name }, header: { 'If-Match': tag(m.version) } },
        }),
      ),
    onSuccess: changed,
  });
  return (
    <ConfirmButton
      size="compact-sm"
      label="Share no more…"
      aria-label={`Share ${m.name} with ${p.name} no more`}
      title={`Share ${m.name} with ${p.name} no more?`}
      confirm="Share it no more"
      run={() => stop.mutateAsync()}
      busy={stop.isPending}
      error={stop.error}
    >
      <Text>What it has of the zones of this set stays on it, and is kept in step no more.</Text>
    </ConfirmButton>
  );
}

function ShareServer({ p, free, close }: { p: Schemas['Pool']; free: Schemas['Member'][]; close: () => void }) {
  const changed = useChanged();
  const { data: table } = useQuery(drivers);
  const [name, setName] = useState(free[0]!.name);
  const m = free.find((f) => f.name === name);
  const [role, setRole] = useState<Role>();
  const roles = table?.find((d) => d.name === m?.driver)?.roles ?? [];
  const as = role ?? (m?.role as Role);
  const share = (dry_run: boolean) =>
    take(
      http.PUT('/api/v1/pools/{name}/members/{member}', {
        params: { path: { name: p.name, member: name }, query: { dry_run }, header: m && { 'If-Match': tag(m.version) } },
        body: { role: as },
      }),
    );
  const preview = useQuery({ queryKey: ['pools', 'share', p.name, name, as], queryFn: () => share(true), retry: false, gcTime: 0 });
  const save = useMutation({
    mutationFn: () => share(false),
    onSuccess: () => {
      close();
      notifications.show({ message: `${name} serves the zones of ${p.name} too.` });
      changed();
    },
  });
  return (
    <Modal opened onClose={close} title={`Share a server with ${p.name}`} size="lg">
      <Stack>
        <Select
          label="Server"
          allowDeselect={false}
          data={free.map((f) => f.name)}
          value={name}
          onChange={(n) => {
            setName(n!);
            setRole(undefined);
          }}
        />
        <Select
          label="Role in this set"
          allowDeselect={false}
          data={roles}
          value={as ?? null}
          description={as && roleWords[as]}
          onChange={(r) => setRole(r as Role)}
        />
        {preview.data?.plan && <Plan plan={preview.data.plan} />}
        <ProblemAlert error={preview.error ?? save.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Leave it as it is
          </Button>
          <Button loading={save.isPending} disabled={!preview.isSuccess} onClick={() => save.mutate()}>
            Share it
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
