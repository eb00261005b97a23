import { Select, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, tag, take, type Schemas } from '../../api/http';
import { drivers } from '../../api/queries';
import { ConfirmModal } from '../../parts/Confirm';
import { useMay } from '../../shell/may';
import { Plan } from './Plan';

type Role = 'write-only' | 'synchronize' | 'standalone';

export const roleWords: Record<Role, string> = {
  'write-only': 'Skein puts zones on it, and takes none from it.',
  synchronize: 'Both ways: Skein puts zones on it, and takes in what is newer there.',
  standalone: 'Skein takes in what it has, and writes nothing to it.',
};

/** RoleMenu changes the role of a server; what that does is shown before. */
export function RoleMenu({ member }: { member: Schemas['Member'] }) {
  const client = useQueryClient();
  const { may } = useMay();
  const { data: table } = useQuery(drivers);
  const [wanted, setWanted] = useState<Role>();
  const change = (role: Role, more: { dry_run?: boolean; confirm?: string }) =>
    take(
      http.PATCH('/api/v1/members/{name}', {
        params: { path: { name: member.name }, header: { 'If-Match': tag(member.version) } },
        body: { role, ...more },
      }),
    );
  const preview = useMutation({ mutationFn: (role: Role) => change(role, { dry_run: true }) });
  const save = useMutation({
    mutationFn: (role: Role) => change(role, { confirm: preview.data?.plan?.confirm }),
    onSuccess: (_, role) => {
      setWanted(undefined);
      notifications.show({ message: `${member.name} is ${role} now.` });
      void client.invalidateQueries({ queryKey: ['members'] });
    },
  });
  const roles = table?.find((d) => d.name === member.driver)?.roles ?? [member.role];
  if (roles.length < 2 || !may('clustering')) return <span className="nowrap">{member.role}</span>;
  return (
    <>
      <Select
        aria-label={`Role of ${member.name}`}
        data={roles}
        value={member.role}
        size="xs"
        w={130}
        allowDeselect={false}
        onChange={(role) => {
          if (!role || role === member.role) return;
          setWanted(role as Role);
          preview.mutate(role as Role);
        }}
      />
      <ConfirmModal
        open={!!wanted}
        close={() => setWanted(undefined)}
        title={`Make ${member.name} ${wanted ?? ''}?`}
        confirm="Change the role"
        go={() => wanted && save.mutate(wanted)}
        busy={save.isPending || preview.isPending}
        ready={preview.isSuccess}
        error={preview.error ?? save.error}
      >
        <Stack gap="xs">
          <Text>{wanted && roleWords[wanted]}</Text>
          {preview.data?.plan && <Plan plan={preview.data.plan} />}
          {preview.isSuccess && !preview.data.plan && <Text c="dimmed">Nothing is written to it because of this.</Text>}
        </Stack>
      </ConfirmModal>
    </>
  );
}
