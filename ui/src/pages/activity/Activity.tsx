import { Button, Group, Modal, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { http, take, type Schemas } from '../../api/http';
import { audit } from '../../api/queries';
import { actionWords } from '../../parts/actions';
import { Answer, Empty } from '../../parts/Answer';
import { DiffLines } from '../../parts/Diff';
import { Page, Panel } from '../../parts/Page';
import { VirtualTable, type Column } from '../../parts/VirtualTable';
import { ZoneLink } from '../../parts/ZoneLink';
import { Ago } from '../../parts/time';

type Entry = Schemas['AuditEntry'];
const which: Record<string, 'true' | 'false' | undefined> = { all: undefined, done: 'false', refused: 'true' };

/** Activity is the audit log: who did what, and what was refused. */
export default function Activity() {
  const [show, setShow] = useState('all');
  const [zone, setZone] = useState('');
  const [actor, setActor] = useState('');
  const [entry, setEntry] = useState<Entry>();
  const [filter] = useDebouncedValue({ zone: zone || undefined, actor: actor || undefined, refused: which[show] }, 250);
  const log = useInfiniteQuery({ ...audit(filter), placeholderData: keepPreviousData });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = log;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const columns: Column<Entry>[] = [
    { head: 'When', width: '7.5rem', cell: (e) => <Ago at={e.at} /> },
    {
      head: 'Who',
      width: 'minmax(6rem, 1fr)',
      cell: (e) => (
        <>
          {e.actor.name || '–'} <span className="soft">({e.actor.door})</span>
        </>
      ),
    },
    { head: 'What', width: 'minmax(8rem, 1.6fr)', cell: (e) => <What e={e} />, below: true },
    { head: 'Zone', width: 'minmax(7rem, 1.3fr)', cell: (e) => e.zone && <ZoneLink name={e.zone} />, below: true },
    { head: 'From', width: '8rem', cell: (e) => <span className="mono">{e.address}</span>, wide: true },
    {
      head: 'Change',
      width: '6rem',
      className: 'whole',
      cell: (e) => (
        <Button size="compact-sm" variant="default" aria-label={`Show change ${e.seq}`} onClick={() => setEntry(e)}>
          Show
        </Button>
      ),
    },
  ];
  return (
    <Page title="Activity" lead="Every change and every refusal: who, through which door, when, and what it was.">
      <Group align="flex-end">
        <SegmentedControl
          aria-label="Which entries"
          data={[
            { value: 'all', label: 'All' },
            { value: 'done', label: 'Done' },
            { value: 'refused', label: 'Refused' },
          ]}
          value={show}
          onChange={setShow}
        />
        <TextInput
          aria-label="Only of this zone"
          placeholder="Zone: example.com"
          spellCheck={false}
          value={zone}
          onChange={(e) => setZone(e.target.value.trim())}
        />
        <TextInput
          aria-label="Only of whoever has this name"
          placeholder="Who"
          spellCheck={false}
          value={actor}
          onChange={(e) => setActor(e.target.value.trim())}
        />
      </Group>
      <Answer of={log}>
        {(data) => {
          const rows = data.pages.flatMap((p) => p.entries);
          return (
            <Panel padded={false}>
              {rows.length === 0 ? (
                <Empty title="Nothing fits">Take back a part of the filter.</Empty>
              ) : (
                <VirtualTable label="Activity" columns={columns} rows={rows} keyOf={(e) => String(e.seq)} onEnd={more} />
              )}
            </Panel>
          );
        }}
      </Answer>
      {entry && <Show e={entry} close={() => setEntry(undefined)} />}
    </Page>
  );
}

function What({ e }: { e: Entry }) {
  return (
    <div style={{ padding: '0.3rem 0' }}>
      {actionWords(e.action)}
      {e.refused && <div className="soft">refused: {e.refused}</div>}
    </div>
  );
}

function Show({ e, close }: { e: Entry; close: () => void }) {
  const diff = useQuery({
    queryKey: ['audit', 'diff', e.seq],
    queryFn: async ({ signal }) => (await take(http.GET('/api/v1/audit/{seq}/diff', { params: { path: { seq: e.seq } }, signal }))).lines,
  });
  return (
    <Modal opened onClose={close} size="xl" title={`${e.actor.name || 'Somebody'} ${actionWords(e.action)} ${e.zone ?? ''}`}>
      <Answer of={diff}>{(lines) => <DiffLines lines={lines} label="What changed" />}</Answer>
    </Modal>
  );
}
