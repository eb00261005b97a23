import { useQueries, type QueryKey } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';

export type Part<T> = { rows: readonly T[]; next?: string };

/** Rows are those of a list that is too long to be here as a whole. */
export type Rows<T> = { count: number; at: (i: number) => T | undefined };

// A browser has no page that is higher: whoever looks for more narrows the list.
const most = 300_000;

/** partsIn are the parts that rows lie in, and the one after them. */
export function partsIn(first: number, last: number, size: number): number[] {
  const from = Math.floor(first / size);
  return Array.from({ length: Math.floor(last / size) - from + 2 }, (_, i) => from + i);
}

/** Known is how long a list is, as far as that has been seen: at least so many rows, and in all. */
export type Known = { least: number; end?: number };

/**
 * learn is what a part tells of that. One that is full says that it leads on,
 * also where nothing follows: that, the empty part after it says.
 */
export function learn(known: Known, part: number, size: number, { rows, next }: Part<unknown>): Known {
  const behind = part * size + rows.length;
  if (next === undefined) {
    const end = rows.length === 0 ? Math.min(behind, known.end ?? behind) : behind;
    return known.end === end ? known : { ...known, end };
  }
  const least = Math.max(known.least, behind);
  const end = known.end !== undefined && known.end < behind ? undefined : known.end;
  return least === known.least && end === known.end ? known : { least, end };
}

/**
 * usePages reads a long list part by part, where total is about how long it
 * is. Only the parts in sight are read, wherever in the list they are, and
 * read again when something changes.
 */
export function usePages<T>(
  key: QueryKey,
  size: number,
  total: number | undefined,
  read: (skip: number, signal: AbortSignal) => Promise<Part<T>>,
) {
  const [known, setKnown] = useState<Known>({ least: 0 });
  const [[first, last], setSight] = useState([0, 0]);
  const had = useRef(new Map<number, readonly T[]>()); // shown until what takes its place is here
  const length = known.end ?? Math.max(total ?? 0, known.least);
  const wanted = partsIn(first, last, size).filter((p) => p * size <= length);
  const answers = useQueries({
    queries: wanted.map((p) => ({
      queryKey: [...key, p],
      queryFn: ({ signal }: { signal: AbortSignal }) => read(p * size, signal),
    })),
  });
  const parts = answers.map((a) => a.data);
  parts.forEach((part, i) => part && had.current.set(wanted[i]!, part.rows));
  useEffect(() => {
    setKnown((k) => parts.reduce((now, part, i) => (part ? learn(now, wanted[i]!, size, part) : now), k));
  }, [size, ...wanted, ...parts]);
  const at = useCallback((i: number) => had.current.get(Math.floor(i / size))?.[i % size], [size]);
  const onSight = useCallback((from: number, to: number) => setSight((s) => (s[0] === from && s[1] === to ? s : [from, to])), []);
  return {
    rows: { count: Math.min(length, most), at } satisfies Rows<T>,
    exact: known.end !== undefined, // and not only about so many
    empty: known.end === 0,
    data: had.current.has(0) ? had.current : undefined,
    error: answers.find((a) => a.error)?.error ?? null,
    isPending: !had.current.has(0),
    onSight,
  };
}
