import { Button, Group, Modal, Stack, Table, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, take, type Schemas } from '../../api/http';
import { ProblemAlert } from '../../parts/Problem';
import { ZoneLink } from '../../parts/ZoneLink';
import { count } from '../../parts/time';

const words: Record<Schemas['RevertStep']['action'], string> = {
  restore: 'goes back to what it was',
  delete: 'is deleted: there was no such zone',
  undelete: 'comes back',
  leave: 'is left alone',
};

/** Revert undoes what a source changed since a time; what that is, is shown before. */
export function Revert({ s, close }: { s: Schemas['Source']; close: () => void }) {
  const client = useQueryClient();
  const [since, setSince] = useState(() => local(new Date(Date.now() - 3_600_000)));
  const path = { params: { path: { name: s.name } } };
  const at = () => new Date(since).toISOString();
  const plan = useMutation({
    mutationFn: () => take(http.POST('/api/v1/sources/{name}/revert', { ...path, body: { since: at(), dry_run: true } })),
  });
  const run = useMutation({
    mutationFn: () => take(http.POST('/api/v1/sources/{name}/revert', { ...path, body: { since: at(), id: plan.data?.id } })),
    onSuccess: () => client.invalidateQueries(),
  });
  const shown = run.data ?? plan.data;
  const work = plan.data?.steps.some((step) => step.action !== 'leave');
  return (
    <Modal opened onClose={close} title={`Undo what ${s.name} changed`} size="xl">
      <Stack>
        <TextInput
          type="datetime-local"
          step={1}
          label="Since"
          description="What it changed at this time or later, zone by zone"
          required
          maw="18rem"
          value={since}
          onChange={(e) => {
            setSince(e.target.value);
            plan.reset();
            run.reset();
          }}
        />
        <ProblemAlert error={plan.error ?? run.error} />
        {shown && (
          <>
            <Text size="sm" role="status">
              {shown.steps.length === 0
                ? 'It changed nothing since then.'
                : run.data
                  ? `${count(shown.steps.filter((step) => step.done).length)} zones are as they were.`
                  : 'This would be done:'}
            </Text>
            {shown.steps.length > 0 && (
              <div className="scrolls" tabIndex={0} role="region" aria-label="What is undone">
                <Table>
                  <Table.Tbody>
                    {shown.steps.map((step) => (
                      <Table.Tr key={step.zone}>
                        <Table.Td>
                          <ZoneLink name={step.zone} />
                        </Table.Td>
                        <Table.Td>
                          {words[step.action]}
                          {step.reason && <div className="soft">{step.reason}</div>}
                        </Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </div>
            )}
            {shown.more && <Text size="sm">… and more.</Text>}
          </>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {run.data ? 'Close' : 'Leave it as it is'}
          </Button>
          {!run.data &&
            (work ? (
              <Button color="red" loading={run.isPending} onClick={() => run.mutate()}>
                Undo it
              </Button>
            ) : (
              <Button loading={plan.isPending} disabled={!since} onClick={() => plan.mutate()}>
                Show what that is
              </Button>
            ))}
        </Group>
      </Stack>
    </Modal>
  );
}

/** local writes a time as the field for it wants it: where the browser is, to the minute. */
const local = (at: Date) => new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
