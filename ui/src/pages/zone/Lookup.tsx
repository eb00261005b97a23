import { Button, Group, Select, Stack, Table, Text, TextInput } from '@mantine/core';
import { IconAlertCircle, IconArrowForwardUp, IconCircleCheck, IconCircleDashed, IconPlugConnectedX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { http, take, type Schemas } from '../../api/http';
import { Panel } from '../../parts/Page';
import { ProblemAlert } from '../../parts/Problem';
import { Mark } from '../../parts/State';
import { absolute, shown } from '../../parts/names';
import { duration } from '../../parts/time';

type Asked = Schemas['LookupAnswer'];

const types = ['A', 'AAAA', 'CAA', 'CNAME', 'DS', 'HTTPS', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TLSA', 'TXT'];

/** Lookup asks each server of the zone for a name, and puts the answers beside each other. */
export function Lookup({ zone }: { zone: string }) {
  const [name, setName] = useState('');
  const [type, setType] = useState('A');
  const ask = useMutation({
    mutationFn: () => take(http.GET('/api/v1/lookup', { params: { query: { name: absolute(name, zone), type } } })),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate();
  };
  return (
    <Panel title="Lookup at each server">
      <Stack>
        <Group component="form" onSubmit={submit} align="flex-end">
          <TextInput
            label="Name"
            placeholder={`@ or www, in ${shown(zone)}`}
            spellCheck={false}
            autoCapitalize="none"
            value={name}
            onChange={(e) => setName(e.target.value.trim())}
          />
          <Select label="Type" w={120} allowDeselect={false} searchable data={types} value={type} onChange={(t) => setType(t!)} />
          <Button type="submit" variant="default" loading={ask.isPending}>
            Ask them
          </Button>
        </Group>
        <ProblemAlert error={ask.error} />
        {ask.data && <Answers of={ask.data} />}
      </Stack>
    </Panel>
  );
}

function Answers({ of }: { of: Schemas['Lookup'] }) {
  const said = of.answers.filter((a) => a.outcome !== 'not-asked').map((a) => `${a.outcome} ${[...(a.answer ?? [])].sort().join('\n')}`);
  const differ = new Set(said).size > 1;
  return (
    <Stack gap="xs">
      <Text size="sm" role="status">
        {differ ? 'They do not all answer the same.' : 'They all answer the same.'}
      </Text>
      <div className="scrolls" tabIndex={0} role="region" aria-label={`Answers for ${of.name} ${of.type}`}>
        <Table className="less-4">
          <Table.Tbody>
            {of.answers.map((a) => (
              <Table.Tr key={a.member}>
                <Table.Td>
                  {a.member}
                  {a.nsid && <Text size="xs">as {a.nsid}</Text>}
                </Table.Td>
                <Table.Td>
                  <Outcome a={a} />
                </Table.Td>
                <Table.Td className="data">
                  {[...(a.answer ?? []), ...(a.authority ?? [])].map((line, i) => (
                    <div key={i} className="mono">
                      {line}
                    </div>
                  ))}
                </Table.Td>
                <Table.Td className="number">{duration(a.took)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </Stack>
  );
}

function Outcome({ a }: { a: Asked }) {
  switch (a.outcome) {
    case 'answers':
      return <Mark icon={IconCircleCheck} tone="good" text="answers" />;
    case 'no-data':
      return <Mark icon={IconCircleDashed} tone="calm" text="nothing of this type" />;
    case 'no-name':
      return <Mark icon={IconCircleDashed} tone="calm" text="no such name" />;
    case 'referral':
      return <Mark icon={IconArrowForwardUp} tone="look" text="refers to others" />;
    case 'fails':
      return <Mark icon={IconAlertCircle} tone="bad" text={a.code === 'NOERROR' ? 'answers without authority' : `answers ${a.code}`} />;
    case 'not-asked':
      return <Mark icon={IconCircleDashed} tone="calm" text="has no address for DNS" />;
  }
  return <Mark icon={IconPlugConnectedX} tone="bad" text="does not answer" />;
}
