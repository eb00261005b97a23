import { Button, Group, Select, Stack, Table, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, type Schemas } from '../../api/http';
import { sourceRules } from '../../api/queries';
import { Answer } from '../../parts/Answer';
import { ConfirmButton } from '../../parts/Confirm';
import { Panel } from '../../parts/Page';
import { ProblemAlert } from '../../parts/Problem';
import { Ago } from '../../parts/time';
import { useMay } from '../../shell/may';

type Rule = Schemas['SourceRule'];

const words: Record<Rule['kind'], string> = {
  takeover: 'may take over zones of',
  overlay: 'may put records of its own into zones of',
};

/** Rules are standing answers to what else a person would be asked: which source may do what to whose zones. */
export function Rules({ all }: { all: Schemas['Source'][] }) {
  const client = useQueryClient();
  const { may } = useMay();
  const list = useQuery(sourceRules);
  const path = ({ kind, from, to }: Rule) => ({ params: { path: { kind, from, to } } });
  const done = () => client.invalidateQueries({ queryKey: ['sources'] });
  const put = useMutation({ mutationFn: (r: Rule) => http.PUT('/api/v1/source-rules/{kind}/{from}/{to}', path(r)), onSuccess: done });
  const drop = useMutation({ mutationFn: (r: Rule) => http.DELETE('/api/v1/source-rules/{kind}/{from}/{to}', path(r)), onSuccess: done });
  return (
    <Panel title="Who may change whose zones">
      <Answer of={list}>
        {(rules) => (
          <Stack>
            {rules.length === 0 ? (
              <Text size="sm" c="dimmed">
                No rules: where one source wants zones of another, a person is asked. A rule answers for good.
              </Text>
            ) : (
              <div className="scrolls" tabIndex={0} role="region" aria-label="Rules">
                <Table>
                  <Table.Tbody>
                    {rules.map((r) => (
                      <Table.Tr key={`${r.kind} ${r.from} ${r.to}`}>
                        <Table.Td>
                          <b>{r.to}</b> {words[r.kind]} <b>{r.from}</b>
                        </Table.Td>
                        <Table.Td className="soft">
                          by {r.by ?? '–'}, <Ago at={r.at} />
                        </Table.Td>
                        <Table.Td>
                          {may('sources') && (
                            <ConfirmButton
                              size="compact-sm"
                              label="End…"
                              aria-label={`End the rule that ${r.to} ${words[r.kind]} ${r.from}`}
                              title="End this rule?"
                              confirm="End it"
                              run={() => drop.mutateAsync(r)}
                              busy={drop.isPending}
                              error={drop.error}
                            >
                              <Text>From then on a person is asked. What it has let through stays.</Text>
                            </ConfirmButton>
                          )}
                        </Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </div>
            )}
            {may('sources') && all.length > 1 && <Make all={all.map((s) => s.name)} make={put.mutateAsync} busy={put.isPending} />}
            <ProblemAlert error={put.error} />
          </Stack>
        )}
      </Answer>
    </Panel>
  );
}

function Make({ all, make, busy }: { all: string[]; make: (r: Rule) => Promise<unknown>; busy: boolean }) {
  const [kind, setKind] = useState<Rule['kind']>('takeover');
  const [to, setTo] = useState<string | null>(null);
  const [from, setFrom] = useState<string | null>(null);
  const add = () =>
    make({ kind, from: from!, to: to! }).then(
      () => (setFrom(null), setTo(null)),
      () => undefined,
    );
  return (
    <Group align="flex-end">
      <Select label="Source" searchable data={all} value={to} onChange={setTo} />
      <Select
        label="What it may"
        allowDeselect={false}
        w={{ base: '100%', sm: 300 }}
        data={Object.entries(words).map(([value, label]) => ({ value, label }))}
        value={kind}
        onChange={(k) => setKind(k as Rule['kind'])}
      />
      <Select label="Whose zones" searchable data={all.filter((n) => n !== to)} value={from} onChange={setFrom} />
      <Button variant="default" loading={busy} disabled={!from || !to || from === to} onClick={add}>
        Make the rule
      </Button>
    </Group>
  );
}
