import { Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
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

/** Shape is how wide the whole is, a box, and Skein in the middle; and how many letters a box holds. */
type Shape = { all: number; box: number; middle: number; letters: number };

const wide: Shape = { all: 720, box: 210, middle: 100, letters: 30 };
const phone: Shape = { all: 400, box: 148, middle: 48, letters: 20 };

/** Picture draws the cluster: where zones come from, and where they go to. */
export function Picture({ members }: { members: Schemas['Member'][] }) {
  const { sees } = useMay();
  const shape = useMediaQuery('(max-width: 48em)', false) ? phone : wide;
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
          style={{ maxWidth: 960, display: 'block', margin: '0 auto' }}
          viewBox={`0 0 ${shape.all} ${height}`}
          role="group"
          aria-label={`${left.length} sources, Skein, ${right.length} servers`}
        >
          <Side boxes={left} shape={shape} height={height} to="/sources" />
          <g>
            <rect x={(shape.all - shape.middle) / 2} y={height / 2 - 24} width={shape.middle} height={48} rx={8} strokeWidth={1.5} />
            <text className="name" x={shape.all / 2} y={height / 2 + 4} textAnchor="middle">
              Skein
            </text>
          </g>
          <Side boxes={right} shape={shape} height={height} to="/servers" />
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

type SideProps = { boxes: Box[]; shape: Shape; height: number; to: '/sources' | '/servers' };

/** Side draws the boxes of one side, and a line from each to the middle: sources to the left, servers to the right. */
function Side({ boxes, shape, height, to }: SideProps) {
  const right = to === '/servers';
  const x = right ? shape.all - shape.box : 0;
  const edge = right ? x : shape.box;
  const skein = (shape.all + (right ? shape.middle : -shape.middle)) / 2;
  const shown = boxes.slice(0, most);
  const top = (height - shown.length * row) / 2;
  return shown.map((b, i) => {
    const y = top + i * row + row / 2;
    const middle = (edge + skein) / 2;
    return (
      <g key={b.key}>
        <path className={b.tone} d={`M${edge} ${y} C${middle} ${y} ${middle} ${height / 2} ${skein} ${height / 2}`} />
        <Link to={to} aria-label={`${b.name}: ${b.text}`}>
          <rect x={x} y={y - 20} width={shape.box} height={40} rx={8} />
          <text className="name" x={x + 12} y={y - 3}>
            {short(b.name, shape.letters)}
          </text>
          <text className="soft" x={x + 12} y={y + 12}>
            {short(b.text, shape.letters)}
          </text>
        </Link>
      </g>
    );
  });
}

const short = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
