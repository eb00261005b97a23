import { ActionIcon, Checkbox, Menu, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDots } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, tag, take, type Schemas } from '../../api/http';
import { ConfirmModal } from '../../parts/Confirm';
import { count } from '../../parts/time';
import { useMay } from '../../shell/may';
import { Plan } from './Plan';

type Action = 'enable' | 'disable' | 'observe' | 'remove';

/** StateMenu enables, disables, observes or removes a server, after saying what that does. */
export function StateMenu({ member }: { member: Schemas['Member'] }) {
  const [action, setAction] = useState<Action>();
  const { may } = useMay();
  if (!may('clustering')) return null;
  const is = member.state;
  const close = () => setAction(undefined);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" aria-label={`Change the state of ${member.name}`}>
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {is !== 'enabled' && <Menu.Item onClick={() => setAction('enable')}>Enable…</Menu.Item>}
          {is !== 'observed' && <Menu.Item onClick={() => setAction('observe')}>Observe only…</Menu.Item>}
          {is !== 'disabled' && <Menu.Item onClick={() => setAction('disable')}>Disable…</Menu.Item>}
          <Menu.Divider />
          <Menu.Item onClick={() => setAction('remove')}>Remove…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {action === 'enable' && <Enable member={member} close={close} />}
      {(action === 'observe' || action === 'disable') && <Stop member={member} close={close} how={action} />}
      {action === 'remove' && <Remove member={member} close={close} />}
    </>
  );
}

type Props = { member: Schemas['Member']; close: () => void };

function useDone(close: () => void) {
  const client = useQueryClient();
  return (message: string) => {
    close();
    notifications.show({ message });
    void client.invalidateQueries({ queryKey: ['members'] });
  };
}

function Enable({ member, close }: Props) {
  const done = useDone(close);
  const path = { name: member.name };
  const plan = useQuery({
    queryKey: ['members', 'plan', member.name],
    queryFn: ({ signal }) => take(http.GET('/api/v1/members/{name}/plan', { params: { path }, signal })),
    retry: false,
    gcTime: 0,
  });
  const save = useMutation({
    mutationFn: () =>
      http.POST('/api/v1/members/{name}/enable', {
        params: { path, query: { confirm: plan.data?.confirm }, header: { 'If-Match': tag(member.version) } },
      }),
    onSuccess: () => done(`${member.name} is enabled.`),
  });
  return (
    <ConfirmModal
      open
      close={close}
      title={`Enable ${member.name}?`}
      confirm="Enable"
      go={() => save.mutate()}
      busy={save.isPending}
      error={save.error ?? plan.error}
    >
      <Text>It is tested, and told what it has missed.</Text>
      {plan.data && <Plan plan={plan.data} />}
      {plan.isPending && <Text c="dimmed">Looking at what it has…</Text>}
    </ConfirmModal>
  );
}

function Stop({ member, close, how }: Props & { how: 'disable' | 'observe' }) {
  const done = useDone(close);
  const save = useMutation({
    mutationFn: () => {
      const params = { path: { name: member.name }, header: { 'If-Match': tag(member.version) } };
      return how === 'disable'
        ? http.POST('/api/v1/members/{name}/disable', { params })
        : http.POST('/api/v1/members/{name}/observe', { params });
    },
    onSuccess: () => done(how === 'disable' ? `${member.name} is disabled.` : `${member.name} is observed.`),
  });
  return (
    <ConfirmModal
      open
      close={close}
      title={how === 'disable' ? `Disable ${member.name}?` : `Only observe ${member.name}?`}
      confirm={how === 'disable' ? 'Disable' : 'Observe only'}
      go={() => save.mutate()}
      busy={save.isPending}
      error={save.error}
    >
      <Text>
        {how === 'disable'
          ? 'Nothing is written to it until somebody enables it again. It goes on answering with what it has, and nothing there expires because of this.'
          : 'It is looked at and compared, and nothing at all is written to it.'}
      </Text>
    </ConfirmModal>
  );
}

function Remove({ member, close }: Props) {
  const done = useDone(close);
  const [clean, setClean] = useState(false);
  const call = (dry_run: boolean) =>
    take(
      http.DELETE('/api/v1/members/{name}', {
        params: { path: { name: member.name }, query: { clean, dry_run }, header: { 'If-Match': tag(member.version) } },
      }),
    );
  const preview = useQuery({ queryKey: ['members', 'removal', member.name, clean], queryFn: () => call(true), retry: false, gcTime: 0 });
  const save = useMutation({ mutationFn: () => call(false), onSuccess: () => done(`${member.name} is removed.`) });
  return (
    <ConfirmModal
      open
      close={close}
      title={`Remove ${member.name}?`}
      confirm="Remove"
      danger
      go={() => save.mutate()}
      busy={save.isPending}
      error={save.error ?? preview.error}
      ready={preview.isSuccess}
    >
      <Text>Skein forgets it and revokes its keys.</Text>
      <Checkbox
        label="First delete there the zones that Skein put on it"
        checked={clean}
        onChange={(e) => setClean(e.currentTarget.checked)}
      />
      {preview.data && (
        <Text>
          {clean
            ? `${count(preview.data.removed)} of ${count(preview.data.zones)} zones are deleted on it, ${count(preview.data.left)} stay.`
            : `All of its ${count(preview.data.zones)} zones stay on it as they are, and are kept in step no more.`}
        </Text>
      )}
    </ConfirmModal>
  );
}
