import { Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Schemas } from '../../api/http';
import { pools } from '../../api/queries';
import { Answer } from '../../parts/Answer';
import { Facts } from '../../parts/Facts';
import { Page, Panel } from '../../parts/Page';
import { Findings } from '../../parts/Problem';
import { shown } from '../../parts/names';
import { count } from '../../parts/time';
import { useMay } from '../../shell/may';
import { NewPool, RemovePool } from './NewPool';
import { PoolForm } from './PoolForm';
import { PoolServers } from './PoolServers';

const rules: Record<string, string> = {
  keep: 'zones stay as they come',
  add: 'its names come to those of the zone',
  replace: 'its names take the place of the zone’s',
};

/** Pools are the nameserver sets: which names zones show, and who serves them. */
export default function Pools() {
  const list = useQuery(pools);
  const { may } = useMay();
  const [edit, setEdit] = useState<Schemas['Pool']>();
  const [making, setMaking] = useState(false);
  return (
    <Page
      title="Nameserver sets"
      lead="The names that zones show as their nameservers, and the servers that serve them. A reseller may have a set of its own."
      actions={may('clustering') && <Button onClick={() => setMaking(true)}>New set</Button>}
    >
      <Answer of={list}>
        {(all) => (
          <Stack>
            {all.map((p) => (
              <Panel
                key={p.name}
                title={p.name}
                actions={
                  may('clustering') && (
                    <Group gap="xs">
                      <Button size="xs" variant="default" aria-label={`Change the set ${p.name}`} onClick={() => setEdit(p)}>
                        Change
                      </Button>
                      <RemovePool p={p} />
                    </Group>
                  )
                }
              >
                <Facts
                  of={[
                    [
                      'Nameservers',
                      p.nameservers.length ? <Names key="n" p={p} /> : 'none named yet: zones keep the names that they come with',
                    ],
                    ['What becomes of names that zones come with', rules[p.rule] ?? p.rule],
                    ['Primary nameserver in the SOA', p.mname ? shown(p.mname) : 'the zone’s own'],
                    ['Mailbox in the SOA', p.rname ? shown(p.rname) : 'the zone’s own'],
                    ['Servers', <PoolServers key="s" p={p} />],
                    ['Owner', p.tenant ?? 'root'],
                  ]}
                />
                {p.progress && !p.progress.ended && (
                  <Text size="sm" role="status">
                    The last change is on its way: {count(p.progress.done)} of {count(p.progress.zones)} zones were looked at.
                  </Text>
                )}
                <Findings problems={p.warnings ?? null} />
              </Panel>
            ))}
          </Stack>
        )}
      </Answer>
      {making && <NewPool close={() => setMaking(false)} />}
      {edit && <PoolForm p={edit} close={() => setEdit(undefined)} />}
    </Page>
  );
}

const Names = ({ p }: { p: Schemas['Pool'] }) => (
  <Stack gap={2}>
    {p.nameservers.map((n) => (
      <Group key={n.name} gap="xs">
        <span>{shown(n.name)}</span>
        <span className="soft mono">{n.addresses?.join(', ')}</span>
      </Group>
    ))}
  </Stack>
);
