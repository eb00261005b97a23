import { Button, Group, List, Stack, Table, Text } from '@mantine/core';
import { IconAlertCircle, IconArrowForwardUp, IconCircleCheck, IconCircleDashed, IconPlugConnectedX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { http, take, type Schemas } from '../../api/http';
import { Panel } from '../../parts/Page';
import { ProblemAlert } from '../../parts/Problem';
import { Mark } from '../../parts/State';
import { duration } from '../../parts/time';

/** Trace goes the way of a resolver, from the root of the DNS down to the zone. */
export function Trace({ zone }: { zone: string }) {
  const follow = useMutation({
    mutationFn: () => take(http.GET('/api/v1/zones/{name}/trace', { params: { path: { name: zone } } })),
  });
  return (
    <Panel title="Delegation">
      <Stack>
        <Text size="sm">From the root of the DNS down to the zone, as a resolver goes it: who names whom, and whether they have it.</Text>
        <Group>
          <Button variant="default" loading={follow.isPending} onClick={() => follow.mutate()}>
            Follow the delegation
          </Button>
        </Group>
        <ProblemAlert error={follow.error} />
        {follow.data && <Found trace={follow.data} />}
      </Stack>
    </Panel>
  );
}

function Found({ trace }: { trace: Schemas['Trace'] }) {
  return (
    <>
      {trace.faults.length === 0 ? (
        <div role="status">
          <Mark icon={IconCircleCheck} tone="good" text="Nothing is wrong on the way." />
        </div>
      ) : (
        <div role="status">
          <List aria-label="What is wrong on the way" spacing="xs" listStyleType="none" className="data">
            {trace.faults.map((f, i) => (
              <List.Item key={i}>
                <Mark icon={IconAlertCircle} tone={f.warning ? 'look' : 'bad'} text={`${f.text}.`} />
                <Text size="sm">What to do: {f.mend}.</Text>
              </List.Item>
            ))}
          </List>
        </div>
      )}
      <div className="scrolls" tabIndex={0} role="region" aria-label="Steps of the delegation">
        <Table className="less-4 less-5">
          <Table.Thead className="table-head">
            <Table.Tr>
              <Table.Th>Asked for</Table.Th>
              <Table.Th>Nameserver</Table.Th>
              <Table.Th>Answer</Table.Th>
              <Table.Th>Names</Table.Th>
              <Table.Th className="number">After</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {trace.steps.map((step) => step.servers.map((s, i) => <Server key={`${step.zone} ${i}`} step={step} s={s} />))}
          </Table.Tbody>
        </Table>
      </div>
    </>
  );
}

function Server({ step, s }: { step: Schemas['TraceStep']; s: Schemas['TraceServer'] }) {
  return (
    <Table.Tr>
      <Table.Td className="mono">{step.zone}</Table.Td>
      <Table.Td>
        <div>{s.name}</div>
        {s.address && (
          <Text size="xs" className="mono">
            {s.address}
            {s.glue && ' (glue)'}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Outcome s={s} />
      </Table.Td>
      <Table.Td className="data">
        {(s.nameservers ?? []).map((name) => (
          <div key={name} className="mono">
            {name}
          </div>
        ))}
      </Table.Td>
      <Table.Td className="number">{s.took ? duration(s.took) : ''}</Table.Td>
    </Table.Tr>
  );
}

function Outcome({ s }: { s: Schemas['TraceServer'] }) {
  switch (s.outcome) {
    case 'answers':
      return <Mark icon={IconCircleCheck} tone="good" text="has the zone" />;
    case 'refers':
      return <Mark icon={IconArrowForwardUp} tone="calm" text="refers to them" />;
    case 'no-name':
      return <Mark icon={IconAlertCircle} tone="bad" text="has no delegation" />;
    case 'not-asked':
      return <Mark icon={IconCircleDashed} tone="calm" text={`not asked: ${s.reason}`} />;
    case 'silent':
      return <Mark icon={IconPlugConnectedX} tone="bad" text="does not answer" />;
  }
  return <Mark icon={IconAlertCircle} tone="bad" text={s.reason ?? 'does not have it'} />;
}
