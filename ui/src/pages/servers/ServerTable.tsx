import { Table } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Schemas } from '../../api/http';
import { Mark, MemberMark } from '../../parts/State';
import { Ago, count, duration } from '../../parts/time';
import { IconCircleCheck } from '@tabler/icons-react';
import { Latency } from './Latency';
import { RoleMenu } from './RoleMenu';
import { StateMenu } from './StateMenu';

export function ServerTable({ members }: { members: Schemas['Member'][] }) {
  return (
    <div className="scrolls" tabIndex={0} role="region" aria-label="Servers">
      <Table className="less-3 less-4 less-5 less-6 less-7 less-8" horizontalSpacing="sm">
        <Table.Thead className="table-head">
          <Table.Tr>
            <Table.Th>Server</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Type</Table.Th>
            <Table.Th>Role</Table.Th>
            <Table.Th className="number">In step</Table.Th>
            <Table.Th className="number">Behind</Table.Th>
            <Table.Th className="number">Failed</Table.Th>
            <Table.Th>Seen</Table.Th>
            <Table.Th>
              <span className="soft">Change</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {members.map((m) => (
            <Row key={m.name} m={m} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Row({ m }: { m: Schemas['Member'] }) {
  const s = m.status;
  return (
    <Table.Tr>
      <Table.Td>
        <Link to="/servers/$name" params={{ name: m.name }}>
          <b>{m.name}</b>
        </Link>
        <div className="soft mono nowrap">
          {m.address ? `${m.address}:${m.port}` : m.endpoint}
          {m.username ? ` as ${m.username}` : ''}
        </div>
      </Table.Td>
      <Table.Td>
        <MemberMark member={m} />
        {s?.last_error && s.failures > 0 && (
          <div className="soft" style={{ maxWidth: '18rem', fontSize: '0.82rem' }}>
            {s.last_error}
          </div>
        )}
      </Table.Td>
      <Table.Td>
        {m.driver}
        {s?.version && (
          <div className="soft nowrap" style={{ fontSize: '0.82rem' }}>
            {short(s.version)}
          </div>
        )}
      </Table.Td>
      <Table.Td>
        <RoleMenu member={m} />
      </Table.Td>
      <Table.Td className="number">
        {s && s.verified > 0 && s.verified === s.zones ? (
          <Mark icon={IconCircleCheck} tone="good" text={count(s.verified)} />
        ) : (
          `${count(s?.verified)} of ${count(s?.zones)}`
        )}
      </Table.Td>
      <Table.Td className="number">{count(s?.behind)}</Table.Td>
      <Table.Td className="number">{count(s?.failed)}</Table.Td>
      <Table.Td>
        <Ago at={s?.last_seen} />
        {s?.latency ? (
          <div className="soft nowrap" style={{ fontSize: '0.82rem' }}>
            within {duration(s.latency)}
          </div>
        ) : null}
        <Latency of={s?.latencies} width={80} />
      </Table.Td>
      <Table.Td>
        <StateMenu member={m} />
      </Table.Td>
    </Table.Tr>
  );
}

/** short is the first of what servers tell of their version: they like to tell much. */
const short = (version: string) =>
  version
    .split(/[-~+(]/)[0]!
    .trim()
    .slice(0, 24);
