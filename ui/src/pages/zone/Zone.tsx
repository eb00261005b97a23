import { Stack, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { overlays, zone } from '../../api/queries';
import { Answer } from '../../parts/Answer';
import { Page } from '../../parts/Page';
import { shown } from '../../parts/names';
import { Ago, count } from '../../parts/time';
import { Actions } from './Actions';
import { File } from './File';
import { History } from './History';
import { Overlays } from './Overlays';
import { Receipt } from './Receipt';
import { Records } from './Records';
import { Where } from './Where';

export default function Zone() {
  const { name } = useParams({ strict: false }) as { name: string };
  // Events tell of what happens; a look now and then is for those that were missed.
  const head = useQuery({ ...zone(name), refetchInterval: (q) => (q.state.data?.receipt.complete ? 15_000 : 2_000) });
  const z = head.data;
  const others = useQuery({ ...overlays(name), enabled: !!z }).data ?? [];
  return (
    <Page
      title={shown(z?.unicode ?? name)}
      lead={
        z && (
          <>
            {z.unicode && <span className="mono">{shown(z.name)} · </span>}
            serial {z.serial} · {count(z.records)} records · from {z.origin} · owner {z.owner} · changed <Ago at={z.changed} />
          </>
        )
      }
      actions={z && <Actions z={z} />}
    >
      <Answer of={head}>
        {(detail) => (
          <Stack>
            <Receipt receipt={detail.receipt} />
            <Tabs defaultValue="records" keepMounted>
              <Tabs.List mb="md">
                <Tabs.Tab value="records">Records</Tabs.Tab>
                {others.length > 0 && <Tabs.Tab value="overlays">{`Overlays (${others.length})`}</Tabs.Tab>}
                <Tabs.Tab value="file">Zone file</Tabs.Tab>
                <Tabs.Tab value="history">History</Tabs.Tab>
                <Tabs.Tab value="where">Servers</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="records">
                <Records key={detail.id} z={detail} />
              </Tabs.Panel>
              <Tabs.Panel value="overlays" keepMounted={false}>
                <Overlays z={detail} list={others} />
              </Tabs.Panel>
              <Tabs.Panel value="file" keepMounted={false}>
                <File z={detail} />
              </Tabs.Panel>
              <Tabs.Panel value="history" keepMounted={false}>
                <History z={detail} />
              </Tabs.Panel>
              <Tabs.Panel value="where" keepMounted={false}>
                <Where z={detail} />
              </Tabs.Panel>
            </Tabs>
          </Stack>
        )}
      </Answer>
    </Page>
  );
}
