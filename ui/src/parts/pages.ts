import { useQueries, type QueryKey } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';

export type Part<T> = { rows: readonly T[]; next?: string };

/** Rows are those of a list that is too long to be here as a whole. */
export type Rows<T> = { count: number; at: (i: number) => T | undefined };

// A browser has no page that is higher: whoever looks for more narrows the list.
const most = 300_000;

/** partsIn are the parts that rows lie in, and the one after them; of those that are not known yet, the last known one leads there. */
export function partsIn(first: number, last: number, size: number, known: number): number[] {
  const from = Math.min(Math.floor(first / size), known);
  const to = Math.min(Math.floor(last / size) + 1, known);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** follow returns where the parts begin, once the part p is known to lead on to next. */
export function follow(begins: readonly string[], p: number, next: string | undefined): readonly string[] {
  if (next === undefined) return begins.length === p + 1 ? begins : begins.slice(0, p + 1);
  if (begins[p + 1] === next) return begins;
  return [...begins.slice(0, p + 1), next, ...begins.slice(p + 2)];
}

/**
 * usePages reads a long list part by part, where total is about how long it
 * is. Only the parts in sight are read again when something changes: each begins
 * where the one before it ends, so that those behind a change follow when they
 * come into sight.
 */
export function usePages<T>(
  key: QueryKey,
  size: number,
  total: number | undefined,
  read: (cursor: string, signal: AbortSignal) => Promise<Part<T>>,
) {
  const [begins, setBegins] = useState<readonly string[]>(['']);
  const [end, setEnd] = useState<number>(); // how long the list is
  const [[first, last], setSight] = useState([0, 0]);
  const had = useRef(new Map<number, readonly T[]>()); // shown until what takes its place is here
  const wanted = partsIn(first, last, size, begins.length - 1);
  const answers = useQueries({
    queries: wanted.map((p) => ({
      queryKey: [...key, begins[p]],
      queryFn: ({ signal }: { signal: AbortSignal }) => read(begins[p]!, signal),
    })),
  });
  const parts = answers.map((a) => a.data);
  parts.forEach((part, i) => part && had.current.set(wanted[i]!, part.rows));
  useEffect(() => {
    let now = begins;
    parts.forEach((part, i) => {
      if (!part) return;
      now = follow(now, wanted[i]!, part.next);
      if (part.next === undefined) setEnd(wanted[i]! * size + part.rows.length);
      else setEnd((e) => (e !== undefined && e <= (wanted[i]! + 1) * size ? undefined : e));
    });
    setBegins(now);
  }, [begins, size, ...wanted, ...parts]);
  const at = useCallback((i: number) => had.current.get(Math.floor(i / size))?.[i % size], [size]);
  const onSight = useCallback((from: number, to: number) => setSight((s) => (s[0] === from && s[1] === to ? s : [from, to])), []);
  return {
    rows: { count: Math.min(end ?? Math.max(total ?? 0, begins.length * size), most), at } satisfies Rows<T>,
    exact: end !== undefined, // and not only about so many
    empty: end === 0,
    data: had.current.has(0) ? had.current : undefined,
    error: answers.find((a) => a.error)?.error ?? null,
    isPending: !had.current.has(0),
    onSight,
  };
}
