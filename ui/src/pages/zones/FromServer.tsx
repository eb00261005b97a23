import { Loader, Select, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { sources, zone } from '../../api/queries';
import { Answer, Empty } from '../../parts/Answer';
import { ZoneLink } from '../../parts/ZoneLink';
import { absolute, shown } from '../../parts/names';
import { TransferForm } from '../sources/TransferForm';

/** FromServer has a zone transferred from the nameserver that has it today. */
export function FromServer() {
  const list = useQuery(sources);
  const [chosen, choose] = useState<string | null>(null);
  const [asked, setAsked] = useState('');
  return (
    <Answer of={list}>
      {(all) => {
        const primaries = all.filter((s) => s.door === 'transfer').map((s) => s.name);
        const source = chosen ?? primaries[0];
        return (
          <Stack maw="46rem">
            <Text size="sm">
              The zone is transferred (AXFR) now, and follows that server until you end it under <Link to="/sources">Sources</Link>. To copy
              zones of a server of this cluster once, open it under <Link to="/servers">Servers</Link>, and choose Take zones over.
            </Text>
            {source ? (
              <>
                <Select label="Source" allowDeselect={false} data={primaries} value={source} onChange={choose} />
                <TransferForm key={asked} source={source} done={setAsked} />
              </>
            ) : (
              <Empty title="No server is a source yet" action={<Link to="/sources">Add a source with the door “zone transfer”</Link>}>
                Say there at which address it is, and with which key it lets zones be transferred.
              </Empty>
            )}
            {asked && <Coming name={absolute(asked, '.')} />}
          </Stack>
        );
      }}
    </Answer>
  );
}

/** Coming tells when a zone that was asked for is here. */
function Coming({ name }: { name: string }) {
  const here = useQuery({ ...zone(name), retry: false, refetchInterval: (q) => (q.state.data ? false : 1_000) });
  return (
    <Text role="status">
      {here.data ? (
        <>
          <ZoneLink name={name} /> has come, with {here.data.records} records as serial {here.data.serial}.
        </>
      ) : (
        <>
          <Loader size="xs" /> {shown(name)} is being transferred. If it does not come, see whether its server lets Skein have it.
        </>
      )}
    </Text>
  );
}
