import { Button, Stack } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { members } from '../../api/queries';
import { Answer, Empty } from '../../parts/Answer';
import { Page, Panel } from '../../parts/Page';
import { useMay } from '../../shell/may';
import { Clustering } from './Clustering';
import { ServerTable } from './ServerTable';

export default function Servers() {
  const list = useQuery({ ...members, refetchInterval: 15_000 });
  const { may } = useMay();
  const add = may('clustering') && (
    <Button component={Link} to="/add-server" leftSection={<IconPlus size={16} aria-hidden />}>
      Add a server
    </Button>
  );
  return (
    <Page title="Servers" lead="The nameservers that Skein keeps in step, and what was last seen of each." actions={add}>
      <Stack>
        <Clustering />
        <Answer of={list}>
          {(all) => (
            <Panel padded={false}>
              {all.length === 0 ? (
                <Empty title="No servers yet" action={add}>
                  Skein itself answers already. Add a second nameserver, of whatever make, and it is given all zones and kept in step with
                  them.
                </Empty>
              ) : (
                <ServerTable members={all} />
              )}
            </Panel>
          )}
        </Answer>
      </Stack>
    </Page>
  );
}
