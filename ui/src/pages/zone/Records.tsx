import { ActionIcon, Badge, Button, Group, Stack, Text } from '@mantine/core';
import { IconArrowBackUp, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { Schemas } from '../../api/http';
import { records } from '../../api/queries';
import { Answer, Empty } from '../../parts/Answer';
import { Panel } from '../../parts/Page';
import { Search } from '../../parts/Search';
import { VirtualTable, type Column } from '../../parts/VirtualTable';
import { within } from '../../parts/names';
import { useMay } from '../../shell/may';
import { RecordForm } from './RecordForm';
import { Review } from './Review';
import { drop, none, put, rows, type Edit, type Row } from './pending';

type Detail = Schemas['ZoneDetail'];

/** Records is the editor: changes gather until they are reviewed and saved together. */
export function Records({ z }: { z: Detail }) {
  const { may } = useMay();
  const [contains, setContains] = useState('');
  const [pending, setPending] = useState(none);
  const [base, setBase] = useState(z.revision); // that the pending changes were made on
  const [open, setOpen] = useState<Edit | 'new'>();
  const [review, setReview] = useState(false);
  const list = useInfiniteQuery({ ...records(z.name, contains), placeholderData: keepPreviousData });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const change = (edit: Edit) => {
    if (pending.size === 0) setBase(z.revision);
    setPending(put(pending, edit));
    setOpen(undefined);
  };
  const edits = may('records');
  return (
    <Stack>
      <Group justify="space-between">
        <Search label="Search records by name" onSearch={setContains} />
        {edits && (
          <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpen('new')}>
            Add records
          </Button>
        )}
      </Group>
      <Answer of={list}>
        {(data) => {
          const all = rows(
            data.pages.flatMap((p) => p.records),
            pending,
          );
          return (
            <Panel padded={false}>
              {all.length === 0 ? (
                <Empty title="No name has this in it">Search for less of it, or add the records.</Empty>
              ) : (
                <VirtualTable
                  label="Records"
                  columns={columns(z, edits, setOpen, change, (key) => setPending(drop(pending, key)))}
                  rows={all}
                  keyOf={(r) => r.key}
                  classOf={(r) => (r.edit ? 'row-changed' : '')}
                  onEnd={more}
                  height="56vh"
                />
              )}
            </Panel>
          );
        }}
      </Answer>
      {pending.size > 0 && (
        <Group className="save-bar" justify="space-between" role="region" aria-label="Pending changes">
          <Text>
            <b>{pending.size}</b> {pending.size === 1 ? 'change is' : 'changes are'} pending. Nothing is saved yet.
          </Text>
          <Group gap="xs">
            <Button variant="default" onClick={() => setPending(none)}>
              Drop them
            </Button>
            <Button onClick={() => setReview(true)}>Review and save…</Button>
          </Group>
        </Group>
      )}
      {open && <RecordForm z={z} edit={open === 'new' ? undefined : open} onDone={change} onClose={() => setOpen(undefined)} />}
      {review && (
        <Review z={z} base={base} rebase={setBase} pending={pending} close={() => setReview(false)} saved={() => setPending(none)} />
      )}
    </Stack>
  );
}

function columns(z: Detail, may: boolean, open: (e: Edit) => void, change: (e: Edit) => void, undo: (key: string) => void): Column<Row>[] {
  const asEdit = ({ set, edit }: Row): Edit => edit ?? { ...set, gone: false, was: set };
  return [
    {
      head: 'Name',
      width: 'minmax(4rem, 1fr)',
      cell: ({ set, edit }) => <span className={`mono ${edit?.gone ? 'row-gone' : ''}`}>{within(set.name, z.name)}</span>,
    },
    { head: 'Type', width: '3.6rem', cell: ({ set }) => <b>{set.type}</b> },
    { head: 'TTL', width: '4.2rem', cell: ({ set, edit }) => edit?.ttl ?? set.ttl, className: 'number', wide: true },
    { head: 'Data', width: 'minmax(5.5rem, 2.4fr)', cell: (row) => <Data row={row} origin={z.origin} />, below: true },
    {
      head: 'Change',
      width: '6.5rem',
      className: 'whole',
      cell: (row) => {
        const name = `${within(row.set.name, z.name)} ${row.set.type}`;
        if (!may) return null;
        return (
          <Group gap={6} wrap="nowrap" justify="flex-end">
            {row.edit && (
              <ActionIcon variant="default" aria-label={`Take back the change of ${name}`} onClick={() => undo(row.key)}>
                <IconArrowBackUp size={16} aria-hidden />
              </ActionIcon>
            )}
            {!row.edit?.gone && (
              <ActionIcon variant="default" aria-label={`Edit ${name}`} onClick={() => open(asEdit(row))}>
                <IconPencil size={16} aria-hidden />
              </ActionIcon>
            )}
            {!row.edit?.gone && row.set.type !== 'SOA' && (
              <ActionIcon variant="default" aria-label={`Delete ${name}`} onClick={() => change({ ...asEdit(row), gone: true })}>
                <IconTrash size={16} aria-hidden />
              </ActionIcon>
            )}
          </Group>
        );
      },
    },
  ];
}

function Data({ row: { set, edit }, origin }: { row: Row; origin: string }) {
  const data = edit && !edit.gone ? edit.data : set.data;
  return (
    <div style={{ padding: '0.4rem 0' }}>
      {data.map((d, i) => (
        <div key={i} className={`mono ${edit?.gone ? 'row-gone' : ''}`}>
          {d}
        </div>
      ))}
      {edit && (
        <Badge size="xs" variant="outline" color="gray" tt="none" styles={{ label: { color: 'var(--mantine-color-text)' } }}>
          {edit.gone ? 'to be deleted' : edit.was ? 'changed' : 'new'}
        </Badge>
      )}
      {set.source && (
        <Text size="xs" c="dimmed">
          put in by {set.source}, beside what {origin} sends
        </Text>
      )}
    </div>
  );
}
