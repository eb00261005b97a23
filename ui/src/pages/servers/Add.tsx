import { Button, Group, Stack, Stepper, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { http, take, type Schemas } from '../../api/http';
import { drivers } from '../../api/queries';
import { Answer } from '../../parts/Answer';
import { Page, Panel } from '../../parts/Page';
import { ProblemAlert } from '../../parts/Problem';
import { Block } from '../../parts/Secret';
import { MemberMark } from '../../parts/State';
import { Checks } from './Checks';
import { DriverForm } from './DriverForm';
import { Plan } from './Plan';

/** Add leads through a new server: what its type needs, what to paste there, its test. */
export default function Add() {
  const table = useQuery(drivers);
  return (
    <Page title="Add a server" lead="Choose what it runs; Skein asks only what that needs, and says what to do on the server itself.">
      <Answer of={table}>{(all) => <Wizard drivers={all} />}</Answer>
    </Page>
  );
}

function Wizard({ drivers: all }: { drivers: Schemas['DriverInfo'][] }) {
  const client = useQueryClient();
  const [step, setStep] = useState(0);
  const [result, setResult] = useState<Schemas['MemberResult']>();
  const arrived = (made: Schemas['MemberResult']) => {
    setResult(made);
    void client.invalidateQueries({ queryKey: ['members'] });
  };
  const prints = (m: Schemas['NewMember']) => all.find((d) => d.name === m.driver)?.prints ?? false;
  const store = useMutation({
    mutationFn: (m: Schemas['NewMember']) =>
      take(prints(m) ? http.POST('/api/v1/members:config', { body: m }) : http.POST('/api/v1/members', { body: m })),
    onSuccess: (made, m) => {
      arrived(made);
      setStep(prints(m) ? 1 : 2);
    },
  });
  const test = useMutation({
    mutationFn: (name: string) => take(http.POST('/api/v1/members/{name}/test', { params: { path: { name } } })),
    onSuccess: (tested) => {
      arrived({ ...tested, config: result?.config });
      setStep(2);
    },
  });
  return (
    <Panel>
      <Stepper active={step} size="sm" allowNextStepsSelect={false} onStepClick={(n) => n < step && setStep(n)}>
        <Stepper.Step label="The server">
          <DriverForm drivers={all} busy={store.isPending} error={store.error} onSubmit={(m) => store.mutate(m)} />
        </Stepper.Step>
        <Stepper.Step label="What to paste there">
          {result && (
            <Stack pt="md">
              <Text size="sm">
                Put this into the configuration of <b>{result.member.name}</b> and start or reload it. It holds secrets of this server
                alone.
              </Text>
              <Block text={result.config ?? ''} label={`Configuration of ${result.member.name}`} />
              <ProblemAlert error={test.error} />
              <Group>
                <Button onClick={() => test.mutate(result.member.name)} loading={test.isPending}>
                  It is in place: test the server
                </Button>
                <Text size="sm" c="dimmed">
                  It stays in the list as “waits for its test” if you come back later.
                </Text>
              </Group>
            </Stack>
          )}
        </Stepper.Step>
        <Stepper.Step label="Test">
          {result && (
            <Stack pt="md">
              <MemberMark member={result.member} />
              <Checks checks={result.checks} />
              {result.plan && <Plan plan={result.plan} />}
              <ProblemAlert error={test.error} />
              <Group>
                {result.member.state === 'pending' ? (
                  <Button onClick={() => test.mutate(result.member.name)} loading={test.isPending}>
                    Test again
                  </Button>
                ) : null}
                <Button variant={result.member.state === 'pending' ? 'default' : 'filled'} component={Link} to="/servers">
                  To the servers
                </Button>
              </Group>
            </Stack>
          )}
        </Stepper.Step>
      </Stepper>
    </Panel>
  );
}
