import { Table } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { audit } from '../../api/queries';
import { actionWords } from '../../parts/actions';
import { Answer, Empty } from '../../parts/Answer';
import { Panel } from '../../parts/Page';
import { Ago } from '../../parts/time';
import { ZoneLink } from '../../parts/ZoneLink';

export function LastChanges() {
  const log = useInfiniteQuery(audit({ refused: 'false' }));
  return (
    <Panel title="Last changes" padded={false} actions={<Link to="/activity">All activity</Link>}>
      <Answer of={log}>
        {(pages) => {
          const entries = pages.pages.flatMap((p) => p.entries).slice(0, 8);
          if (entries.length === 0)
            return <Empty title="Nothing has changed yet">Make a zone, or let a panel send its own: each change is told here.</Empty>;
          return (
            <div className="scrolls" tabIndex={0} role="region" aria-label="Last changes">
              <Table className="less-2 less-5">
                <Table.Tbody>
                  {entries.map((e) => (
                    <Table.Tr key={e.seq}>
                      <Table.Td className="soft">
                        <Ago at={e.at} />
                      </Table.Td>
                      <Table.Td>{e.actor.name}</Table.Td>
                      <Table.Td>{actionWords(e.action)}</Table.Td>
                      <Table.Td>{e.zone && <ZoneLink name={e.zone} />}</Table.Td>
                      <Table.Td className="number nowrap">{e.added || e.removed ? `+${e.added} −${e.removed}` : ''}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </div>
          );
        }}
      </Answer>
    </Panel>
  );
}
