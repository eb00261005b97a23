import { useMediaQuery } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useRef, useState, type CSSProperties, type KeyboardEvent, type ReactNode } from 'react';
import type { Rows } from './pages';

export type Column<T> = {
  head: ReactNode;
  key?: string;
  width: string;
  cell: (row: T) => ReactNode;
  className?: string;
  wide?: boolean; // left out where there is no room
  below?: boolean; // there it is beneath the others, as wide as the row
};

type Props<T> = {
  label: string;
  columns: Column<T>[];
  rows: readonly T[] | Rows<T>; // of a list that is not all here rows are of one height, and gaps stay empty
  total?: number; // if more are known of than are here
  keyOf: (row: T) => string;
  classOf?: (row: T) => string;
  onEnd?: () => void; // the last rows are in sight: more may be asked for
  onSight?: (first: number, last: number) => void;
  keys?: Keys<T>; // rows can be gone through with the arrow keys
  height?: string;
};

/** Keys are what Enter and Space do with the row that the arrow keys have led to. */
export type Keys<T> = { open: (row: T) => void; mark: (row: T) => void };

const rowHeight = 47;

/** VirtualTable shows any number of rows: only those in sight exist. */
export function VirtualTable<T>(props: Props<T>) {
  const { label, columns: all, rows, total, keyOf, classOf, onEnd, onSight, keys, height = '62vh' } = props;
  const narrow = useMediaQuery('(max-width: 48em)', false);
  const columns = narrow ? all.filter((c) => !c.wide) : all;
  const frame = useRef<HTMLDivElement>(null);
  const id = useId();
  const [active, setActive] = useState(-1);
  const whole = Array.isArray(rows);
  const { count, at }: Rows<T> = whole ? { count: rows.length, at: (i) => rows[i] } : (rows as Rows<T>);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    getItemKey: (i) => (whole ? keyOf(at(i)!) : i),
    scrollPaddingStart: rowHeight,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items[items.length - 1]?.index ?? -1;
  useEffect(() => {
    if (last >= count - 20) onEnd?.();
  }, [last, count, onEnd]);
  useEffect(() => onSight?.(first, Math.max(first, last)), [first, last, onSight]);
  const press = (event: KeyboardEvent) => {
    if (!keys || event.target !== frame.current) return; // a link or a box in it has keys of its own
    const here = active < 0 ? undefined : at(active);
    const page = Math.max(1, Math.floor((frame.current.clientHeight - rowHeight) / rowHeight) - 1);
    const moves: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: count - 1,
    };
    if (event.key in moves) {
      const to = Math.max(0, Math.min(count - 1, moves[event.key]!));
      setActive(to);
      virtual.scrollToIndex(to);
    } else if (event.key === 'Enter' && here) keys.open(here);
    else if (event.key === ' ' && here) keys.mark(here);
    else return;
    event.preventDefault();
  };
  const beside = narrow ? columns.filter((c) => !c.below) : columns;
  const grid: CSSProperties = { gridTemplateColumns: beside.map((c) => c.width).join(' ') };
  const classes = (c: Column<T>) => `${c.className ?? ''} ${beside.includes(c) ? '' : 'below'}`;
  return (
    <div
      ref={frame}
      className="grid-scroll"
      style={{ maxHeight: height }}
      tabIndex={0}
      role={keys ? 'grid' : 'table'}
      aria-label={label}
      aria-rowcount={(total ?? count) + 1}
      aria-activedescendant={keys && items.some((i) => i.index === active) ? `${id}${active}` : undefined}
      onKeyDown={press}
    >
      <div role="rowgroup" style={{ position: 'sticky', top: 0, zIndex: 1 }}>
        <div role="row" className="grid-row grid-head" style={grid} aria-rowindex={1}>
          {columns.map((c) => (
            <span key={c.key ?? String(c.head)} role="columnheader" className={classes(c)}>
              {c.head}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" className="grid-body" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = at(item.index);
          return (
            <div
              key={item.key}
              id={keys && `${id}${item.index}`}
              ref={whole ? virtual.measureElement : undefined}
              data-index={item.index}
              role="row"
              aria-rowindex={item.index + 2}
              className={`grid-row ${(row && classOf?.(row)) ?? ''} ${whole ? '' : 'grid-even'} ${item.index === active ? 'row-active' : ''}`}
              style={{ ...grid, transform: `translateY(${item.start}px)` }}
            >
              {columns.map((c) => (
                <div key={c.key ?? String(c.head)} role={keys ? 'gridcell' : 'cell'} className={classes(c)}>
                  {row ? c.cell(row) : ' '}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
