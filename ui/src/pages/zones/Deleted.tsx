import { Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { http, take, type Schemas } from '../../api/http';
import { deletedZones } from '../../api/queries';
import { Answer, Empty } from '../../parts/Answer';
import { ConfirmButton } from '../../parts/Confirm';
import { Page, Panel } from '../../parts/Page';
import { Search } from '../../parts/Search';
import { VirtualTable, type Column } from '../../parts/VirtualTable';
import { shown } from '../../parts/names';
import { Ago } from '../../parts/time';
import { useMay } from '../../shell/may';

const columns: Column<Schemas['DeletedZone']>[] = [
  { head: 'Zone', width: 'minmax(8rem, 2fr)', cell: (z) => shown(z.name) },
  { head: 'Origin', width: 'minmax(7rem, 1fr)', cell: (z) => z.origin, wide: true },
  { head: 'Deleted', width: '8rem', cell: (z) => <Ago at={z.changed} />, below: true },
  { head: 'Kept until', width: '8rem', cell: (z) => <Ago at={z.kept_until} />, wide: true },
  { head: 'Bring back', width: '9rem', cell: (z) => <BringBack z={z} />, className: 'whole' },
];

/** Deleted is the recycle bin. */
export default function Deleted() {
  const [contains, setContains] = useState('');
  const list = useInfiniteQuery({ ...deletedZones(contains), placeholderData: keepPreviousData });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <Page title="Recycle bin" lead="Zones that were deleted, with all that they held. They can be brought back until their time is up.">
      <Search label="Search deleted zones" onSearch={setContains} />
      <Answer of={list}>
        {(data) => {
          const rows = data.pages.flatMap((p) => p.zones);
          return (
            <Panel padded={false}>
              {rows.length === 0 ? (
                <Empty title={contains ? 'No deleted zone has this in its name' : 'The recycle bin is empty'}>
                  {contains ? 'Search for less of it.' : 'Zones that are deleted stay here for a while, and can be brought back.'}
                </Empty>
              ) : (
                <VirtualTable label="Deleted zones" columns={columns} rows={rows} keyOf={(z) => z.id + z.revision} onEnd={more} />
              )}
            </Panel>
          );
        }}
      </Answer>
    </Page>
  );
}

function BringBack({ z }: { z: Schemas['DeletedZone'] }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { may } = useMay();
  const back = useMutation({
    mutationFn: () => take(http.POST('/api/v1/zones/{name}/undelete', { params: { path: { name: z.name } }, body: {} })),
    onSuccess: () => {
      notifications.show({ message: `${shown(z.name)} is back.` });
      void client.invalidateQueries({ queryKey: ['zones'] });
      void navigate({ to: '/zones/$name', params: { name: z.name } });
    },
  });
  if (!may('zones')) return null;
  return (
    <ConfirmButton
      size="xs"
      label="Bring back…"
      title={`Bring ${shown(z.name)} back?`}
      confirm="Bring it back"
      run={() => back.mutateAsync()}
      busy={back.isPending}
      error={back.error}
    >
      <Text>It comes back with all that it held, belongs to {z.origin} again, and goes to every server under a higher serial.</Text>
    </ConfirmButton>
  );
}
