import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Schemas } from '../../api/http';
import { sources } from '../../api/queries';
import { Panel } from '../../parts/Page';
import { memberLook } from '../../parts/State';
import { count } from '../../parts/time';
import { useMay } from '../../shell/may';

type Box = { key: string; name: string; text: string; tone: string };

const row = 52;
const most = 12; // on a side; the rest is a number

/** Picture draws the cluster: where zones come from, and where they go to. */
export function Picture({ members }: { members: Schemas['Member'][] }) {
  const { sees } = useMay();
  const from = useQuery({ ...sources, enabled: sees('sources') });
  const left: Box[] = (from.data ?? [])
    .filter((s) => s.status?.zones || s.status?.heard)
    .map((s) => ({
      key: s.name,
      name: s.name,
      text: `${s.door}, ${count(s.status?.zones)} zones`,
      tone: s.paused ? 'calm' : s.status?.silent ? 'bad' : 'good',
    }));
  const right: Box[] = members.map((m) => ({
    key: m.name,
    name: m.name,
    text: `${m.driver}, ${memberLook(m).text}`,
    tone: memberLook(m).tone,
  }));
  if (left.length + right.length === 0) return null;
  const height = Math.max(Math.min(left.length, most), Math.min(right.length, most), 1) * row + 16;
  return (
    <Panel title="The cluster">
      <div className="scrolls" tabIndex={0} role="region" aria-label="Picture of the cluster">
        <svg
          className="picture"
          width="100%"
          style={{ minWidth: 660, maxWidth: 960, display: 'block', margin: '0 auto' }}
          viewBox={`0 0 720 ${height}`}
          role="group"
          aria-label={`${left.length} sources, Skein, ${right.length} servers`}
        >
          <Side boxes={left} x={0} height={height} edge={[210, 310]} to="/sources" />
          <g>
            <rect x={310} y={height / 2 - 24} width={100} height={48} rx={8} strokeWidth={1.5} />
            <text className="name" x={360} y={height / 2 + 4} textAnchor="middle">
              Skein
            </text>
          </g>
          <Side boxes={right} x={510} height={height} edge={[510, 410]} to="/servers" />
        </svg>
      </div>
      {(left.length > most || right.length > most) && (
        <Text size="sm" c="dimmed">
          The first {most} of each side are drawn.
        </Text>
      )}
    </Panel>
  );
}

function Side({
  boxes,
  x,
  height,
  edge,
  to,
}: {
  boxes: Box[];
  x: number;
  height: number;
  edge: [number, number];
  to: '/sources' | '/servers';
}) {
  const shown = boxes.slice(0, most);
  const top = (height - shown.length * row) / 2;
  return shown.map((b, i) => {
    const y = top + i * row + row / 2;
    const middle = (edge[0] + edge[1]) / 2;
    return (
      <g key={b.key}>
        <path className={b.tone} d={`M${edge[0]} ${y} C${middle} ${y} ${middle} ${height / 2} ${edge[1]} ${height / 2}`} />
        <Link to={to} aria-label={`${b.name}: ${b.text}`}>
          <rect x={x} y={y - 20} width={210} height={40} rx={8} />
          <text className="name" x={x + 12} y={y - 3}>
            {short(b.name)}
          </text>
          <text className="soft" x={x + 12} y={y + 12}>
            {short(b.text)}
          </text>
        </Link>
      </g>
    );
  });
}

const short = (text: string) => (text.length > 30 ? `${text.slice(0, 29)}…` : text);
