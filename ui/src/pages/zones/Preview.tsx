import { Button, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Schemas } from '../../api/http';
import { Diff } from '../../parts/Diff';
import { Findings } from '../../parts/Problem';
import { shown } from '../../parts/names';

/** useMade leads to a zone that was made. */
export function useMade() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return (result: Schemas['ZoneResult']) => {
    notifications.show({ message: `${shown(result.zone.name)} is made, and on its way to every server.` });
    void client.invalidateQueries({ queryKey: ['zones'] });
    void navigate({ to: '/zones/$name', params: { name: result.zone.name } });
  };
}

/** Preview shows what a new zone will hold. */
export function Preview({ result, create, busy }: { result: Schemas['ZoneResult']; create: () => void; busy: boolean }) {
  return (
    <Stack gap="xs">
      <Text size="sm">
        <b>{shown(result.zone.name)}</b> will hold:
      </Text>
      <Diff delta={result.delta} label="What the zone will hold" />
      <Findings problems={result.warnings ?? null} />
      <Group>
        <Button onClick={create} loading={busy}>
          Make the zone
        </Button>
      </Group>
    </Stack>
  );
}
