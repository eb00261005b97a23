import { Button, Table } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconPlayerPause, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Schemas } from '../../api/http';
import { sources } from '../../api/queries';
import { Answer, Empty } from '../../parts/Answer';
import { Page, Panel } from '../../parts/Page';
import { Mark } from '../../parts/State';
import { Ago, count } from '../../parts/time';
import { useMay } from '../../shell/may';
import { Rules } from './Rules';
import { SourceForm } from './SourceForm';
import { SourceMenu } from './SourceMenu';

/** Sources is where zones come from. */
export default function Sources() {
  const list = useQuery({ ...sources, refetchInterval: 15_000 });
  const { may } = useMay();
  const [form, setForm] = useState<Schemas['Source'] | 'new'>();
  const add = may('sources') && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setForm('new')}>
      Add a source
    </Button>
  );
  return (
    <Page
      title="Sources"
      lead="Panels, servers and programs that zones come from. A zone belongs to its source: only that may replace or delete it."
      actions={add}
    >
      <Answer of={list}>
        {(all) => (
          <Panel padded={false}>
            {all.length === 0 ? (
              <Empty title="No sources yet" action={add}>
                Add one for each panel, and give it a token. People who edit here need none.
              </Empty>
            ) : (
              <div className="scrolls" tabIndex={0} role="region" aria-label="Sources">
                <Table className="less-2 less-4 less-5 less-6 less-7">
                  <Table.Thead className="table-head">
                    <Table.Tr>
                      <Table.Th>Source</Table.Th>
                      <Table.Th>Door</Table.Th>
                      <Table.Th>State</Table.Th>
                      <Table.Th className="number">Zones</Table.Th>
                      <Table.Th className="number">Waiting</Table.Th>
                      <Table.Th>Last heard</Table.Th>
                      <Table.Th>Owner</Table.Th>
                      <Table.Th>
                        <span className="soft">Change</span>
                      </Table.Th>
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {all.map((s) => (
                      <Table.Tr key={s.name}>
                        <Table.Td>
                          <b>{s.name}</b>
                          {!!s.networks?.length && <div className="soft mono">{s.networks.join(', ')}</div>}
                        </Table.Td>
                        <Table.Td>{doors[s.door] ?? s.door}</Table.Td>
                        <Table.Td>
                          <SourceMark s={s} />
                        </Table.Td>
                        <Table.Td className="number">{count(s.status?.zones)}</Table.Td>
                        <Table.Td className="number">{count(s.status?.waiting)}</Table.Td>
                        <Table.Td>
                          <Ago at={s.status?.heard} />
                        </Table.Td>
                        <Table.Td>{s.tenant ?? 'root'}</Table.Td>
                        <Table.Td>{may('sources') && <SourceMenu s={s} all={all} edit={() => setForm(s)} />}</Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </div>
            )}
          </Panel>
        )}
      </Answer>
      <Rules all={list.data ?? []} />
      {form && <SourceForm was={form === 'new' ? undefined : form} close={() => setForm(undefined)} />}
    </Page>
  );
}

export const doors: Record<string, string> = {
  api: 'REST API',
  plesk: 'Plesk',
  rndc: 'rndc',
  whm: 'cPanel and WHM',
  transfer: 'zone transfer',
  people: 'people',
  member: 'a server that is read',
};

function SourceMark({ s }: { s: Schemas['Source'] }) {
  if (s.paused) return <Mark icon={IconPlayerPause} tone="calm" text="silenced" />;
  if (s.status?.silent) return <Mark icon={IconAlertTriangle} tone="bad" text="not heard for too long" />;
  return <Mark icon={IconCircleCheck} tone="good" text="may send" />;
}
