import { Button, Group, Stack, Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { http, take, type Schemas } from '../../api/http';
import { Answer, Empty } from '../../parts/Answer';
import { Diff } from '../../parts/Diff';
import { Panel } from '../../parts/Page';
import { ZoneMark } from '../../parts/State';
import { Ago } from '../../parts/time';
import { Lookup } from './Lookup';
import { Trace } from './Trace';

/** Where is the state of the zone on every server, and what each really serves. */
export function Where({ z }: { z: Schemas['ZoneDetail'] }) {
  const [asked, setAsked] = useState<string[]>([]);
  const list = z.receipt.members ?? [];
  if (list.length === 0)
    return (
      <Stack>
        <Panel>
          <Empty title="No other server has it">
            Skein itself answers. <Link to="/add-server">Add a server</Link>, and it gets this zone too.
          </Empty>
        </Panel>
        <Trace zone={z.name} />
      </Stack>
    );
  return (
    <Stack>
      <Panel padded={false}>
        <div className="scrolls" tabIndex={0} role="region" aria-label="Servers of the zone">
          <Table className="less-3 less-4 less-5">
            <Table.Thead className="table-head">
              <Table.Tr>
                <Table.Th>Server</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th className="number">Serial seen</Table.Th>
                <Table.Th>Told</Table.Th>
                <Table.Th>Seen serving it</Table.Th>
                <Table.Th>
                  <span className="soft">Compare</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {list.map((m) => (
                <Table.Tr key={m.member}>
                  <Table.Td>
                    <Link to="/servers/$name" params={{ name: m.member }}>
                      {m.member}
                    </Link>
                  </Table.Td>
                  <Table.Td>
                    <ZoneMark state={m.state} />
                    {m.reason && <div className="soft">{m.reason}</div>}
                  </Table.Td>
                  <Table.Td className="number">{m.serial ?? '–'}</Table.Td>
                  <Table.Td>
                    <Ago at={m.told} />
                  </Table.Td>
                  <Table.Td>
                    <Ago at={m.verified} />
                  </Table.Td>
                  <Table.Td>
                    <Button
                      size="compact-sm"
                      variant="default"
                      aria-label={`What does ${m.member} serve?`}
                      onClick={() => setAsked([m.member])}
                    >
                      Compare
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      </Panel>
      {list.length > 1 && (
        <Group>
          <Button variant="default" onClick={() => setAsked(list.map((m) => m.member))}>
            Ask every server
          </Button>
        </Group>
      )}
      {asked.map((member) => (
        <Served key={member} z={z} member={member} />
      ))}
      <Lookup zone={z.name} />
      <Trace zone={z.name} />
    </Stack>
  );
}

function Served({ z, member }: { z: Schemas['ZoneDetail']; member: string }) {
  const diff = useQuery({
    queryKey: ['contents', z.name, 'served', member, z.revision],
    queryFn: ({ signal }) => take(http.GET('/api/v1/zones/{name}/diff', { params: { path: { name: z.name }, query: { member } }, signal })),
    staleTime: 0,
  });
  return (
    <Panel title={`From what is published to what ${member} serves`}>
      <Answer of={diff}>{(delta) => <Diff delta={delta} />}</Answer>
    </Panel>
  );
}
