import { useInterval } from '@mantine/hooks';
import { useState } from 'react';

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** ago says how far a time is from now, in words. */
export function ago(at: Date, now: Date): string {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1000);
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return Math.abs(seconds) < 5 ? 'just now' : relative.format(seconds, 'second');
}

/** Ago is a time in words; the exact one is its title. */
export function Ago({ at }: { at?: string }) {
  const [, tick] = useState(0);
  useInterval(() => tick((n) => n + 1), 10_000, { autoInvoke: true });
  if (!at) return <span className="soft">never</span>;
  const time = new Date(at);
  return (
    <time className="nowrap" dateTime={at} title={exact.format(time)}>
      {ago(time, new Date())}
    </time>
  );
}

/** duration writes nanoseconds, as Go counts, for people. */
export function duration(nanoseconds?: number): string {
  if (!nanoseconds) return '–';
  const ms = nanoseconds / 1e6;
  if (ms < 1) return `${Math.round(nanoseconds / 1000)} µs`;
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

export const count = (n?: number) => (n ?? 0).toLocaleString('en');
