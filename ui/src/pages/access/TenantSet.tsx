import { Button, Group, Select, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, tag, take, type Schemas } from '../../api/http';
import { pools } from '../../api/queries';
import { ConfirmModal } from '../../parts/Confirm';
import { count } from '../../parts/time';

/** TenantSet is the nameserver set of a tenant's zones, and changes it. */
export function TenantSet({ t, may }: { t: Schemas['Tenant']; may: boolean }) {
  const [open, setOpen] = useState(false);
  return (
    <Group gap={6}>
      {t.pool ?? <span className="soft">as above it</span>}
      {may && (
        <Button size="compact-sm" variant="default" aria-label={`Change the set of ${t.name}`} onClick={() => setOpen(true)}>
          Change…
        </Button>
      )}
      {open && <Change t={t} close={() => setOpen(false)} />}
    </Group>
  );
}

const above = 'as the one above it';

function Change({ t, close }: { t: Schemas['Tenant']; close: () => void }) {
  const client = useQueryClient();
  const list = useQuery(pools);
  const [to, setTo] = useState(t.pool ?? above);
  const save = useMutation({
    mutationFn: () =>
      take(
        http.PATCH('/api/v1/tenants/{name}', {
          params: { path: { name: t.name }, header: { 'If-Match': tag(t.version) } },
          body: { pool: to === above ? '' : to },
        }),
      ),
    onSuccess: () => {
      close();
      notifications.show({ message: `The zones of ${t.name} move, one after the other.` });
      void client.invalidateQueries();
    },
  });
  return (
    <ConfirmModal
      open
      close={close}
      title={`Nameserver set of ${t.name}`}
      confirm="Move its zones"
      go={() => save.mutate()}
      busy={save.isPending}
      error={save.error ?? list.error}
      ready={to !== (t.pool ?? above)}
    >
      <Text size="sm">
        {t.zones === 1 ? 'Its zone moves' : `Its ${count(t.zones)} zones move`} there in the background, and with them those of its
        customers that have no set of their own. They show the names of that set, and its servers serve them.
      </Text>
      <Select
        label="Set"
        allowDeselect={false}
        data={[above, ...(list.data ?? []).map((p) => p.name)]}
        value={to}
        onChange={(name) => setTo(name!)}
      />
    </ConfirmModal>
  );
}
