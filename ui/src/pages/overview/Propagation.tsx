import { Group, Stack, Text } from '@mantine/core';
import type { Schemas } from '../../api/http';
import { Panel } from '../../parts/Page';
import { count, duration } from '../../parts/time';
import { scale } from './figures';

const width = 360;
const height = 96;

/** Propagation draws how long changes of the last hour took to be seen on servers. */
export function Propagation({ of: p }: { of: Schemas['Propagation'] }) {
  const { hour, minutes } = p;
  if (hour.seen === 0) {
    return (
      <Panel title="How long changes take">
        <Text c="dimmed" size="sm">
          No change of the last hour had to reach a server.
        </Text>
      </Panel>
    );
  }
  const last = Math.floor(Date.now() / 60_000);
  const { y, lines } = scale(
    minutes.map((m) => m.spread.p99 ?? 0),
    height,
  );
  const x = (at: string) => width - (last - Math.floor(Date.parse(at) / 60_000)) * (width / 60) - 4;
  return (
    <Panel title="How long changes take">
      <Stack gap="xs">
        <Group gap="xl">
          <Figure text="half of them, at most" value={duration(hour.p50)} />
          <Figure text="99 of 100, at most" value={duration(hour.p99)} />
          <Figure text="arrivals in the last hour" value={count(hour.seen)} />
        </Group>
        <svg
          className="chart"
          viewBox={`0 0 ${width + 52} ${height + 18}`}
          width="100%"
          role="img"
          aria-label={`From a change until a server was seen with it, in the last hour: half within ${duration(hour.p50)}, 99 of 100 within ${duration(hour.p99)}`}
        >
          {lines.map((ns) => (
            <g key={ns}>
              <line x1={0} x2={width} y1={y(ns)} y2={y(ns)} />
              <text x={width + 6} y={y(ns) + 4}>
                {duration(ns)}
              </text>
            </g>
          ))}
          {minutes.map((m) => (
            <g key={m.at}>
              <rect x={x(m.at) - 1} width={2} y={y(m.spread.p99)} height={Math.max(0, y(m.spread.p50) - y(m.spread.p99))} />
              <circle cx={x(m.at)} cy={y(m.spread.p99)} r={2} />
              <circle className="half" cx={x(m.at)} cy={y(m.spread.p50)} r={3} />
            </g>
          ))}
          <text x={0} y={height + 14}>
            an hour ago
          </text>
          <text x={width} y={height + 14} textAnchor="end">
            now
          </text>
        </svg>
        <Text size="xs" c="dimmed">
          Each minute: the dot is half of its changes, the top of the line 99 of 100.
        </Text>
      </Stack>
    </Panel>
  );
}

const Figure = ({ text, value }: { text: string; value: string }) => (
  <div>
    <b style={{ fontSize: '1.15rem' }}>{value}</b>
    <div className="soft" style={{ fontSize: '0.82rem' }}>
      {text}
    </div>
  </div>
);
