import { Button, Checkbox, Group, Text } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { status, zones, zonesPart, type ZoneFilter } from '../../api/queries';
import { Answer, Empty } from '../../parts/Answer';
import { Page, Panel } from '../../parts/Page';
import { VirtualTable, type Column } from '../../parts/VirtualTable';
import { ZoneLink } from '../../parts/ZoneLink';
import { readable } from '../../parts/names';
import { usePages } from '../../parts/pages';
import { Ago, count } from '../../parts/time';
import { useMay } from '../../shell/may';
import { Bulk } from './Bulk';
import { Filters } from './Filters';
import type { Deed, Zone } from './bulk';
import { fromSearch, inWords } from './filter';

type Marked = ReadonlyMap<string, Zone>;

const zonesInWords = (n: number) => (n === 1 ? '1 zone' : `${count(n)} zones`);

export default function Zones() {
  const { may } = useMay();
  const navigate = useNavigate();
  const filter = fromSearch(useSearch({ strict: false }));
  const total = useQuery(status).data?.zones;
  const create = may('zones') && (
    <Button component={Link} to="/zones/new" leftSection={<IconPlus size={16} aria-hidden />}>
      New zone
    </Button>
  );
  return (
    <Page
      title="Zones"
      lead={total !== undefined && zonesInWords(total)}
      actions={
        <>
          <Button component={Link} to="/zones/deleted" variant="default" leftSection={<IconTrash size={16} aria-hidden />}>
            Recycle bin
          </Button>
          {create}
        </>
      }
    >
      <Filters filter={filter} set={(f) => void navigate({ to: '/zones', search: { ...f } as never, replace: true })} />
      <List key={JSON.stringify(filter)} filter={filter} total={total} create={create} />
    </Page>
  );
}

type Props = { filter: ZoneFilter; total?: number; create: React.ReactNode };

function List({ filter, total, create }: Props) {
  const navigate = useNavigate();
  const what = inWords(filter);
  const { key, read } = zones(filter);
  const list = usePages(key, zonesPart, what ? undefined : total, read);
  const [marked, setMarked] = useState<Marked>(new Map());
  const mark = (z: Zone) => {
    const next = new Map(marked);
    if (!next.delete(z.id)) next.set(z.id, z);
    setMarked(next);
  };
  return (
    <>
      {marked.size > 0 && <Chosen marked={marked} none={() => setMarked(new Map())} />}
      <Answer of={list}>
        {() => (
          <Panel padded={!what && list.empty}>
            {!list.empty ? (
              <VirtualTable
                label="Zones"
                columns={columns(marked, mark, (all) => setMarked(all ? loaded(list.rows) : new Map()))}
                rows={list.rows}
                keyOf={(z) => z.id}
                classOf={(z) => (marked.has(z.id) ? 'link row-marked' : 'link')}
                onSight={list.onSight}
                keys={{ open: (z) => void navigate({ to: '/zones/$name', params: { name: z.name } }), mark }}
              />
            ) : what ? (
              <Empty title="There is no such zone">{`Looked for: ${what}. Take back a part of that.`}</Empty>
            ) : (
              <Empty title="No zones yet" action={create}>
                Make one here, or let a panel send its own: see Sources.
              </Empty>
            )}
          </Panel>
        )}
      </Answer>
      {!list.empty && (
        <Text size="xs" c="dimmed">
          {what && list.exact ? `${zonesInWords(list.rows.count)}. ` : ''}
          In the list: the arrow keys go from zone to zone, Enter opens one, Space marks it. / searches.
        </Text>
      )}
    </>
  );
}

const mostMarked = 1000;

/** loaded are the first zones that are here, as many as can be marked at once. */
function loaded(rows: { count: number; at: (i: number) => Zone | undefined }): Marked {
  const all = new Map<string, Zone>();
  for (let i = 0; i < rows.count && all.size < mostMarked; i++) {
    const z = rows.at(i);
    if (z) all.set(z.id, z);
  }
  return all;
}

function columns(marked: Marked, mark: (z: Zone) => void, every: (all: boolean) => void): Column<Zone>[] {
  return [
    {
      key: 'mark',
      head: (
        <Checkbox
          size="xs"
          aria-label={`Mark the zones that are here, at most ${mostMarked}`}
          checked={marked.size > 0}
          onChange={() => every(marked.size === 0)}
        />
      ),
      width: '1.4rem',
      cell: (z) => <Checkbox size="xs" aria-label={`Mark ${readable(z.name)}`} checked={marked.has(z.id)} onChange={() => mark(z)} />,
      className: 'whole',
    },
    { head: 'Zone', width: 'minmax(9rem, 2fr)', cell: (z) => <ZoneLink name={z.name} /> },
    { head: 'Origin', width: 'minmax(5.5rem, 1.4fr)', cell: (z) => z.origin },
    { head: 'Owner', width: 'minmax(4rem, 0.7fr)', cell: (z) => z.owner, wide: true },
    { head: 'Set', width: 'minmax(4rem, 0.7fr)', cell: (z) => z.pool, wide: true },
    { head: 'Records', width: '5rem', cell: (z) => count(z.records), className: 'number', wide: true },
    { head: 'Serial', width: '7rem', cell: (z) => z.serial, className: 'number', wide: true },
    { head: 'Changed', width: '7.5rem', cell: (z) => <Ago at={z.changed} />, wide: true },
  ];
}

/** Chosen is what can be done with the zones that are marked. */
function Chosen({ marked, none }: { marked: Marked; none: () => void }) {
  const { may, sees } = useMay();
  const [bulk, setBulk] = useState<{ deed: Deed; zones: Zone[] }>();
  const begin = (deed: Deed) => setBulk({ deed, zones: [...marked.values()] });
  return (
    <Group className="save-bar" justify="space-between" role="region" aria-label="Marked zones">
      <Text size="sm">
        <b>{count(marked.size)}</b> {marked.size === 1 ? 'zone is' : 'zones are'} marked.
      </Text>
      <Group gap="xs">
        <Button variant="default" onClick={none}>
          Mark none
        </Button>
        {may('clustering') && (
          <Button variant="default" onClick={() => begin('synchronise')}>
            Synchronise…
          </Button>
        )}
        {may('access') && (
          <Button variant="default" onClick={() => begin('assign')}>
            New owner…
          </Button>
        )}
        {may('access') && sees('clustering') && (
          <Button variant="default" onClick={() => begin('move')}>
            New set…
          </Button>
        )}
        {may('sources') && (
          <Button variant="default" onClick={() => begin('take over')}>
            New source…
          </Button>
        )}
        {may('zones') && (
          <Button variant="default" onClick={() => begin('delete')}>
            Delete…
          </Button>
        )}
      </Group>
      {bulk && (
        <Bulk
          {...bulk}
          close={(begun) => {
            setBulk(undefined);
            if (begun) none();
          }}
        />
      )}
    </Group>
  );
}
