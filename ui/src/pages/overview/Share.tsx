import { Group, Stack, Text } from '@mantine/core';
import type { Schemas } from '../../api/http';
import { Panel } from '../../parts/Page';
import { count } from '../../parts/time';
import { share } from './figures';

export function Share({ status }: { status: Schemas['Status'] }) {
  const { wanted, verified, percent } = share(status.members);
  const round = 2 * Math.PI * 42;
  const whole = percent === 100;
  return (
    <Panel title="In step">
      <Group gap="lg" wrap="nowrap">
        <svg
          width={104}
          height={104}
          viewBox="0 0 104 104"
          role="img"
          aria-label={`${percent} percent of zones were seen on the servers that should have them`}
        >
          <circle cx={52} cy={52} r={42} fill="none" stroke="var(--line)" strokeWidth={10} />
          {wanted > 0 && (
            <circle
              cx={52}
              cy={52}
              r={42}
              fill="none"
              stroke={whole ? 'var(--good)' : 'var(--wait)'}
              strokeWidth={10}
              strokeDasharray={`${(round * percent) / 100} ${round}`}
              transform="rotate(-90 52 52)"
            />
          )}
          <text x={52} y={58} textAnchor="middle" fontSize={20} fontWeight={600} fill="var(--mantine-color-text)">
            {wanted === 0 ? '–' : `${percent}%`}
          </text>
        </svg>
        <Stack gap={4}>
          <Text>
            <b>{count(status.zones)}</b> zones on <b>{count(status.members.length)}</b> servers
          </Text>
          <Text size="sm" c="dimmed">
            {wanted === 0
              ? 'No server has to have a zone yet.'
              : `Of ${count(wanted)} copies that servers should have, ${count(verified)} were seen there with the newest contents.`}
          </Text>
        </Stack>
      </Group>
    </Panel>
  );
}
