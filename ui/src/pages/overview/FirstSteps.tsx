import { List, Text, ThemeIcon } from '@mantine/core';
import { IconCheck, IconCircleDashed } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Schemas } from '../../api/http';
import { pools } from '../../api/queries';
import { Panel } from '../../parts/Page';
import { useMay } from '../../shell/may';

/** FirstSteps leads whoever has just begun; it goes away when all is done. */
export function FirstSteps({ status }: { status: Schemas['Status'] }) {
  const { may } = useMay();
  const sets = useQuery({ ...pools, enabled: may('clustering') });
  if (!may('clustering') || !sets.data) return null;
  const steps = [
    {
      done: sets.data.some((p) => p.nameservers.length > 0),
      to: '/pools',
      text: 'Name the nameservers',
      why: 'zones that are made here then show them',
    },
    { done: status.members.length > 0, to: '/add-server', text: 'Add a server', why: 'a second nameserver, of whatever make' },
    { done: status.zones > 0, to: '/zones/new', text: 'Make a zone', why: 'or let a panel send its own' },
  ] as const;
  if (steps.every((s) => s.done)) return null;
  return (
    <Panel title="First steps">
      <List spacing="xs" listStyleType="none">
        {steps.map((s) => (
          <List.Item
            key={s.to}
            icon={
              <ThemeIcon size={22} radius="xl" variant={s.done ? 'filled' : 'default'} aria-hidden>
                {s.done ? <IconCheck size={14} /> : <IconCircleDashed size={14} />}
              </ThemeIcon>
            }
          >
            <Link to={s.to}>{s.text}</Link>{' '}
            <Text span c="dimmed" size="sm">
              {s.done ? '– done' : `– ${s.why}`}
            </Text>
          </List.Item>
        ))}
      </List>
    </Panel>
  );
}
