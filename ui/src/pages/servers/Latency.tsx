import { duration } from '../../parts/time';

/** Latency draws how fast a server answered in each minute of the last hour. */
export function Latency({ of: means, width = 120 }: { of?: number[]; width?: number }) {
  const seen = means?.map((v, i) => ({ v, i: i + 60 - means.length })).filter(({ v }) => v > 0) ?? [];
  if (seen.length < 2) return null;
  const most = Math.max(...seen.map(({ v }) => v));
  const points = seen.map(({ v, i }) => `${(i / 59) * width},${22 - (v / most) * 20}`).join(' ');
  return (
    <svg width={width} height={24} role="img" aria-label={`How fast it answered in the last hour: ${duration(most)} at most`}>
      <polyline points={points} fill="none" stroke="var(--look)" strokeWidth={1.5} />
    </svg>
  );
}
