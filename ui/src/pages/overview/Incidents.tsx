import { List, Text } from '@mantine/core';
import { IconAlertCircle, IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Schemas } from '../../api/http';
import { waiting } from '../../api/queries';
import { Panel } from '../../parts/Page';
import { Mark } from '../../parts/State';
import { useMay } from '../../shell/may';
import { incidents } from './needs';

export function Incidents({ status }: { status: Schemas['Status'] }) {
  const { sees } = useMay();
  const kept = useQuery({ ...waiting, enabled: sees('sources') });
  const found = incidents(status, kept.data?.waiting.length ?? 0);
  return (
    <Panel title="What needs somebody">
      {found.length === 0 ? (
        <Mark icon={IconCircleCheck} tone="good" text="Nothing" />
      ) : (
        <List spacing="sm" listStyleType="none" size="sm">
          {found.slice(0, 8).map((i) => (
            <List.Item key={i.key} icon={<IconAlertCircle size={18} color="var(--bad)" aria-hidden />}>
              <Link to={i.to} params={i.params}>
                {i.what}
              </Link>
              <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                {i.mend}
              </Text>
            </List.Item>
          ))}
          {found.length > 8 && <List.Item>… and {found.length - 8} more: see Servers</List.Item>}
        </List>
      )}
    </Panel>
  );
}
