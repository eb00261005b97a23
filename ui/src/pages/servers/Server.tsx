import { Button, Code, Group, SimpleGrid, Stack, Tabs, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { http, take, type Schemas } from '../../api/http';
import { drivers, member } from '../../api/queries';
import { Answer } from '../../parts/Answer';
import { Facts } from '../../parts/Facts';
import { Page, Panel } from '../../parts/Page';
import { ProblemAlert } from '../../parts/Problem';
import { Block } from '../../parts/Secret';
import { MemberMark } from '../../parts/State';
import { Ago, count, duration } from '../../parts/time';
import { useMay } from '../../shell/may';
import { Checks } from './Checks';
import { Import } from './Import';
import { Latency } from './Latency';
import { Log } from './Log';
import { RoleMenu } from './RoleMenu';
import { StateMenu } from './StateMenu';
import { Edit } from './Edit';

export default function Server() {
  const { name } = useParams({ strict: false }) as { name: string };
  const one = useQuery({ ...member(name), refetchInterval: 5_000 });
  const { may } = useMay();
  return (
    <Page
      title={name}
      lead={one.data && <MemberMark member={one.data} />}
      actions={
        one.data && (
          <>
            <RoleMenu member={one.data} />
            <StateMenu member={one.data} />
          </>
        )
      }
    >
      <Answer of={one}>
        {(m) => (
          <Tabs defaultValue="state" keepMounted={false}>
            <Tabs.List mb="md">
              <Tabs.Tab value="state">State</Tabs.Tab>
              {may('clustering') && <Tabs.Tab value="settings">Settings</Tabs.Tab>}
              {may('clustering') && <Tabs.Tab value="config">Configuration to paste</Tabs.Tab>}
              {may('zones') && <Tabs.Tab value="import">Take zones over</Tabs.Tab>}
              <Tabs.Tab value="log">Debug log</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="state">
              <State m={m} />
            </Tabs.Panel>
            <Tabs.Panel value="settings">
              <Edit key={m.version} m={m} />
            </Tabs.Panel>
            <Tabs.Panel value="config">
              <Config m={m} />
            </Tabs.Panel>
            <Tabs.Panel value="import">
              <Import key={m.name} m={m} />
            </Tabs.Panel>
            <Tabs.Panel value="log">
              <Log m={m} />
            </Tabs.Panel>
          </Tabs>
        )}
      </Answer>
    </Page>
  );
}

function State({ m }: { m: Schemas['Member'] }) {
  const client = useQueryClient();
  const test = useMutation({
    mutationFn: () => take(http.POST('/api/v1/members/{name}/test', { params: { path: { name: m.name } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['members'] }),
  });
  const s = m.status;
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Panel title="Zones">
          <Facts
            of={[
              ['Should be on it', count(s?.zones)],
              ['Seen serving the newest', count(s?.verified)],
              ['Behind', count(s?.behind)],
              ['Failed', count(s?.failed)],
              ['Newer there than here', count(s?.ahead)],
              ...optional('Other contents there', s?.differs),
              ...optional('There, and not Skein’s', s?.foreign),
              ...optional('Will expire there', s?.expiring),
              ...optional('There in all', s?.there),
            ]}
          />
        </Panel>
        <Panel title="Contact">
          <Facts
            of={[
              ['Type', m.driver],
              ['Version', s?.version ?? '–'],
              ...(s?.nsids ? ([['Answers as', s.nsids.join(', ')]] as [string, string][]) : []),
              ['Last seen', <Ago key="seen" at={s?.last_seen} />],
              [
                'Latency',
                <Group key="latency" gap="xs" component="span">
                  <span>{duration(s?.latency)}</span>
                  <Latency of={s?.latencies} />
                </Group>,
              ],
              ['Failures in a row', count(s?.failures)],
            ]}
          />
          {s?.last_error && (
            <Text size="sm">
              Last failure: <Code>{s.last_error}</Code>
            </Text>
          )}
          {m.disabled_why && <Text size="sm">Disabled because: {m.disabled_why}</Text>}
        </Panel>
      </SimpleGrid>
      <Panel
        title="Test"
        actions={
          <Button variant="default" size="xs" loading={test.isPending} onClick={() => test.mutate()}>
            Test now
          </Button>
        }
      >
        <ProblemAlert error={test.error} />
        {test.data ? (
          <Checks checks={test.data.checks} />
        ) : (
          <Text c="dimmed" size="sm">
            A test tries everything that the server must be able to do, and changes nothing that stays.
          </Text>
        )}
      </Panel>
    </Stack>
  );
}

function Config({ m }: { m: Schemas['Member'] }) {
  const { data: table } = useQuery(drivers);
  const [asked, setAsked] = useState(false);
  const prints = table?.find((d) => d.name === m.driver)?.prints;
  const config = useQuery({
    queryKey: ['config', m.name, m.version],
    queryFn: ({ signal }) => take(http.GET('/api/v1/members/{name}/config', { params: { path: { name: m.name } }, signal })),
    enabled: asked,
    gcTime: 0, // it holds secrets
  });
  if (prints === false) return <Text c="dimmed">There is nothing to paste on a server of the type {m.driver}.</Text>;
  if (!asked) return <Button onClick={() => setAsked(true)}>Show it (it holds secrets)</Button>;
  return <Answer of={config}>{(c) => <Block text={c.config ?? ''} label={`Configuration of ${m.name}`} />}</Answer>;
}

/** optional is a fact that is told only where there is something to tell. */
const optional = (name: string, n?: number | null): [string, string][] => (n ? [[name, count(n)]] : []);
