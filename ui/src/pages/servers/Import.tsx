import { Button, Checkbox, Group, Select, Stack, Table, TagsInput, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, type Schemas } from '../../api/http';
import { eachLine } from '../../api/lines';
import { tenants } from '../../api/queries';
import { shown } from '../../parts/names';
import { Panel } from '../../parts/Page';
import { ProblemAlert } from '../../parts/Problem';
import { count } from '../../parts/time';

/** Step is a line of the answer; the document knows only that it is text. */
type Step = { zone?: string; action: string; take_over?: boolean; left?: string; reason?: string };

const words: Record<string, [will: string, did: string]> = {
  create: ['comes in', 'came in'],
  same: ['is here already, with the same records', 'is here already, with the same records'],
  ours: ['was put there by Skein', 'was put there by Skein'],
  differs: ['is here already, with other records: both stay', 'is here already, with other records: both stay'],
  waits: ['a person will have to decide', 'waits for a person'],
  fail: ['cannot come in', 'failed'],
};
const kept = 200; // rows on the page

/** Import takes in the zones that a server has already; what becomes of each is shown before. */
export function Import({ m }: { m: Schemas['Member'] }) {
  const client = useQueryClient();
  const of = useQuery(tenants);
  const [body, setBody] = useState<Schemas['ImportMember']>({});
  const [told, setTold] = useState<{ steps: Step[]; counts: Record<string, number>; preview: boolean }>();
  const run = useMutation({
    mutationFn: async (dry_run: boolean) => {
      setTold({ steps: [], counts: {}, preview: dry_run });
      const answer = await http.POST('/api/v1/members/{name}/import', {
        params: { path: { name: m.name } },
        body: { ...body, dry_run },
        parseAs: 'stream',
      });
      await eachLine(answer.data, (lines) => {
        const more = lines.filter(Boolean).map((l) => JSON.parse(l) as Step);
        setTold((t) => {
          const counts = { ...t?.counts };
          for (const s of more) counts[s.action] = (counts[s.action] ?? 0) + 1;
          return { steps: [...(t?.steps ?? []), ...more].slice(0, kept), counts, preview: dry_run };
        });
      });
    },
    onSuccess: (_, dry) => !dry && client.invalidateQueries({ queryKey: ['zones'] }),
  });
  const change = (c: Partial<Schemas['ImportMember']>) => {
    setBody({ ...body, ...c });
    setTold(undefined);
  };
  const ready = told?.preview && !run.isPending && !run.error;
  return (
    <Panel title="Take over the zones that it has">
      <Stack maw="46rem">
        <Text size="sm" c="dimmed">
          Zones that others made on this server come into Skein, which keeps them in step on all servers from then on. Nothing is changed
          before you have seen what becomes of each.
        </Text>
        <TagsInput
          label="Only these zones"
          description="All that it lists if none is named"
          placeholder="example.com"
          value={body.zones ?? []}
          onChange={(zones) => change({ zones: zones.length ? zones : undefined })}
        />
        <Select
          label="Who gets them"
          clearable
          placeholder="you"
          data={(of.data ?? []).map((t) => t.name)}
          value={body.owner ?? null}
          onChange={(owner) => change({ owner: owner ?? undefined })}
        />
        <Checkbox
          label="On the server itself too, those that are here and there alike become Skein’s"
          checked={!!body.take_over}
          onChange={(e) => change({ take_over: e.currentTarget.checked })}
        />
        <ProblemAlert error={run.error} />
        <Group>
          <Button variant={ready ? 'default' : 'filled'} loading={run.isPending && told?.preview} onClick={() => run.mutate(true)}>
            Show what would become of each
          </Button>
          {told?.preview && (
            <Button loading={run.isPending} disabled={!ready || !told.counts.create} onClick={() => run.mutate(false)}>
              {`Take ${told.counts.create === 1 ? '1 zone' : `${count(told.counts.create)} zones`} in`}
            </Button>
          )}
        </Group>
        {told && <Told {...told} busy={run.isPending} />}
      </Stack>
    </Panel>
  );
}

function Told({ steps, counts, preview, busy }: { steps: Step[]; counts: Record<string, number>; preview: boolean; busy: boolean }) {
  const all = Object.values(counts).reduce((a, b) => a + b, 0);
  return (
    <Stack gap="xs">
      <Text size="sm" role="status">
        {busy ? `${count(all)} zones so far…` : all === 0 ? 'It lists no zones.' : all === 1 ? '1 zone.' : `${count(all)} zones.`}
        {all > kept && ` The first ${kept} are shown.`}
      </Text>
      {steps.length > 0 && (
        <div className="scrolls" tabIndex={0} role="region" aria-label="What becomes of each zone">
          <Table>
            <Table.Tbody>
              {steps.map((s, i) => (
                <Table.Tr key={i}>
                  <Table.Td>{s.zone ? shown(s.zone) : 'The rest'}</Table.Td>
                  <Table.Td>
                    {words[s.action]?.[preview ? 0 : 1] ?? s.action}
                    {s.take_over && (preview ? '; becomes Skein’s there' : '; is Skein’s there')}
                    {(s.reason ?? s.left) && <div className="soft">{s.reason ?? s.left}</div>}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </Stack>
  );
}
