import { Text } from '@mantine/core';
import type { Schemas } from '../api/http';

/** lines writes RRsets as a zone file does, a record a line. */
export function lines(sets: readonly Schemas['RecordSet'][] | null): string[] {
  return (sets ?? []).flatMap((s) => s.data.map((d) => `${s.name} ${s.ttl} ${s.type} ${d}`));
}

/** Diff shows what goes and what comes. */
export function Diff({ delta, label = 'What changes' }: { delta: Schemas['DeltaBody']; label?: string }) {
  return <DiffLines label={label} lines={[...lines(delta.removed).map((l) => `- ${l}`), ...lines(delta.added).map((l) => `+ ${l}`)]} />;
}

/** DiffLines shows lines that begin with "- " or "+ ". */
export function DiffLines({ lines, label }: { lines: string[]; label: string }) {
  if (lines.length === 0) return <Text c="dimmed">Nothing changes.</Text>;
  return (
    <div className="diff" role="region" aria-label={label} tabIndex={0}>
      {lines.map((line, i) => (
        <div key={i} className={line.startsWith('+') ? 'plus' : line.startsWith('-') ? 'minus' : undefined}>
          {line}
        </div>
      ))}
    </div>
  );
}
