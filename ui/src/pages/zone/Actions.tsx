import { Button, Menu, Select, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconChevronDown } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { http, tag, take, type Schemas } from '../../api/http';
import { sources, tenants } from '../../api/queries';
import { ConfirmModal } from '../../parts/Confirm';
import { same, shown } from '../../parts/names';
import { useMay } from '../../shell/may';
import { Reset } from './Reset';
import { useSaved } from './saved';
import { Services } from './Services';

type Detail = Schemas['ZoneDetail'];
type What = 'delete' | 'assign' | 'take over' | 'services' | 'reset';

/** Actions are what can be done with a whole zone. */
export function Actions({ z }: { z: Detail }) {
  const { may } = useMay();
  const [what, setWhat] = useState<What>();
  const close = () => setWhat(undefined);
  return (
    <>
      <Button variant="default" component="a" href={`/api/v1/zones/${encodeURIComponent(z.name)}/file`} download={`${shown(z.name)}.zone`}>
        Export
      </Button>
      {may('zones') && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" rightSection={<IconChevronDown size={16} aria-hidden />}>
              More
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {may('access') && <Menu.Item onClick={() => setWhat('assign')}>Hand to another owner…</Menu.Item>}
            {may('sources') && <Menu.Item onClick={() => setWhat('take over')}>Give to another source…</Menu.Item>}
            {may('records') && <Menu.Item onClick={() => setWhat('services')}>Service domains…</Menu.Item>}
            <Menu.Item onClick={() => setWhat('reset')}>Reset to a template…</Menu.Item>
            <Menu.Divider />
            <Menu.Item onClick={() => setWhat('delete')}>Delete…</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      {what === 'delete' && <Delete z={z} close={close} />}
      {what === 'reset' && <Reset z={z} close={close} />}
      {what === 'services' && <Services z={z} close={close} />}
      {what === 'assign' && <Assign z={z} close={close} />}
      {what === 'take over' && <TakeOver z={z} close={close} />}
    </>
  );
}

type Props = { z: Detail; close: () => void };

function Delete({ z, close }: Props) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const gone = useMutation({
    mutationFn: () => http.DELETE('/api/v1/zones/{name}', { params: { path: { name: z.name }, header: { 'If-Match': tag(z.revision) } } }),
    onSuccess: async () => {
      notifications.show({ message: `${shown(z.name)} is deleted. It is in the recycle bin.` });
      await navigate({ to: '/zones' });
      client.removeQueries({ queryKey: ['zone', z.name] });
      void client.invalidateQueries({ queryKey: ['zones'] });
    },
  });
  return (
    <ConfirmModal
      open
      close={close}
      title={`Delete ${shown(z.name)}?`}
      confirm="Delete the zone"
      danger
      go={() => gone.mutate()}
      busy={gone.isPending}
      error={gone.error}
      ready={same(typed.trim(), shown(z.name)) || same(typed.trim(), z.name)}
    >
      <Text>It goes from Skein and from every server at once. It can be brought back from the recycle bin until its time there is up.</Text>
      <TextInput
        label={`Type ${shown(z.name)} to go on`}
        data-autofocus
        spellCheck={false}
        autoComplete="off"
        value={typed}
        onChange={(e) => setTyped(e.target.value)}
      />
    </ConfirmModal>
  );
}

function Assign({ z, close }: Props) {
  const list = useQuery(tenants);
  const [tenant, setTenant] = useState<string | null>(null);
  const saved = useSaved(z, close);
  const assign = useMutation({
    mutationFn: () =>
      take(
        http.POST('/api/v1/zones/{name}/assign', {
          params: { path: { name: z.name }, header: { 'If-Match': tag(z.revision) } },
          body: { tenant: tenant! },
        }),
      ),
    onSuccess: () => saved(`${shown(z.name)} belongs to ${tenant} now.`),
  });
  return (
    <ConfirmModal
      open
      close={close}
      title="Hand to another owner?"
      confirm="Hand it over"
      go={() => assign.mutate()}
      busy={assign.isPending}
      error={assign.error ?? list.error}
      ready={!!tenant}
    >
      <Text>The people of the new owner may change it from now on, and it is served by the servers of its set.</Text>
      <Select
        label="New owner"
        searchable
        data={(list.data ?? []).map((t) => t.name).filter((n) => n !== z.owner)}
        value={tenant}
        onChange={setTenant}
      />
    </ConfirmModal>
  );
}

function TakeOver({ z, close }: Props) {
  const list = useQuery(sources);
  const [to, setTo] = useState<string | null>(null);
  const saved = useSaved(z, close);
  const take_over = useMutation({
    mutationFn: () =>
      take(
        http.POST('/api/v1/zones/{name}/takeover', {
          params: { path: { name: z.name }, header: { 'If-Match': tag(z.revision) } },
          body: { to: to! },
        }),
      ),
    onSuccess: () => saved(`${shown(z.name)} is ${to}’s now.`),
  });
  return (
    <ConfirmModal
      open
      close={close}
      title="Give to another source?"
      confirm="Give it"
      go={() => take_over.mutate()}
      busy={take_over.isPending}
      error={take_over.error ?? list.error}
      ready={!!to}
    >
      <Stack gap="xs">
        <Text>
          Only its source may replace or delete a zone. {z.origin} may not any more; what it sends for {shown(z.name)} then waits for a
          decision.
        </Text>
        <Select
          label="New source"
          searchable
          data={(list.data ?? []).map((s) => s.name).filter((n) => n !== z.origin)}
          value={to}
          onChange={setTo}
        />
      </Stack>
    </ConfirmModal>
  );
}
