import type { Schemas } from '../../api/http';

/** share is how much of what servers should have was seen on them. */
export function share(members: Schemas['Member'][]): { wanted: number; verified: number; percent: number } {
  let wanted = 0;
  let verified = 0;
  for (const m of members) {
    if (m.state === 'observed' || m.state === 'pending' || m.state === 'disabled') continue; // nobody expects it of them
    wanted += m.status?.zones ?? 0;
    verified += m.status?.verified ?? 0;
  }
  // Rounded down: 100 % is said when it is true.
  return { wanted, verified, percent: wanted === 0 ? 100 : Math.floor((verified / wanted) * 1000) / 10 };
}

/** scale places durations in nanoseconds on a chart, by their magnitude, with a line for each power of ten. */
export function scale(values: number[], height: number): { y: (ns: number) => number; lines: number[] } {
  const low = 5; // 0.1 ms
  const high = Math.max(7, ...values.map((v) => Math.ceil(Math.log10(Math.max(v, 1)))));
  const y = (ns: number) => height - ((Math.max(low, Math.log10(Math.max(ns, 1))) - low) / (high - low)) * (height - 8);
  const lines = Array.from({ length: high - low }, (_, i) => 10 ** (low + 1 + i));
  return { y, lines };
}
