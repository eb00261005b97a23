import { Button, Modal, Select, Stack, Table, TagsInput, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { http, take, type Schemas } from '../../api/http';
import { sources, tokens } from '../../api/queries';
import { Answer, Empty } from '../../parts/Answer';
import { ConfirmButton } from '../../parts/Confirm';
import { Panel } from '../../parts/Page';
import { ProblemAlert } from '../../parts/Problem';
import { Secret } from '../../parts/Secret';
import { Ago } from '../../parts/time';
import { useMay } from '../../shell/may';

export function Tokens() {
  const list = useQuery(tokens);
  const { may } = useMay();
  const [adding, setAdding] = useState(false);
  return (
    <Panel
      title="Tokens"
      padded={false}
      actions={
        may('access') && (
          <Button size="xs" onClick={() => setAdding(true)}>
            Make a token
          </Button>
        )
      }
    >
      <Answer of={list}>
        {(all) =>
          all.length === 0 ? (
            <Empty title="No tokens yet">Make one for each panel and program: it is shown once, and given to that alone.</Empty>
          ) : (
            <div className="scrolls" tabIndex={0} role="region" aria-label="Tokens">
              <Table className="less-2 less-3 less-4 less-5">
                <Table.Thead className="table-head">
                  <Table.Tr>
                    <Table.Th>Name</Table.Th>
                    <Table.Th>Acts for</Table.Th>
                    <Table.Th>Role</Table.Th>
                    <Table.Th>Limited to</Table.Th>
                    <Table.Th>Made</Table.Th>
                    <Table.Th>Expires</Table.Th>
                    <Table.Th>
                      <span className="soft">Change</span>
                    </Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {all.map((t) => (
                    <Table.Tr key={t.id}>
                      <Table.Td>
                        <b>{t.name}</b>
                      </Table.Td>
                      <Table.Td>{t.source}</Table.Td>
                      <Table.Td>{t.role ?? 'a panel’s'}</Table.Td>
                      <Table.Td>{limits(t.scope)}</Table.Td>
                      <Table.Td>
                        <Ago at={t.created} /> {t.maker && <span className="soft">by {t.maker}</span>}
                      </Table.Td>
                      <Table.Td>
                        <Ago at={t.expires} />
                      </Table.Td>
                      <Table.Td>{may('access') && <Remove t={t} />}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </div>
          )
        }
      </Answer>
      {adding && <Make close={() => setAdding(false)} />}
    </Panel>
  );
}

/** limits writes what a token is limited to. */
export function limits(scope: Schemas['Token']['scope']): string {
  const parts = [...(scope?.permissions ?? []), ...(scope?.zones ?? []), ...(scope?.networks ?? []).map((n) => `from ${n}`)];
  return parts.length ? parts.join(', ') : '–';
}

function Remove({ t }: { t: Schemas['Token'] }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => http.DELETE('/api/v1/tokens/{id}', { params: { path: { id: t.id } } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['tokens'] }),
  });
  return (
    <ConfirmButton
      size="compact-sm"
      label="Delete…"
      title={`Delete the token ${t.name}?`}
      confirm="Delete it"
      danger
      run={() => remove.mutateAsync()}
      busy={remove.isPending}
      error={remove.error}
    >
      <Text>It is worthless at once: what uses it is refused from then on.</Text>
    </ConfirmButton>
  );
}

type Kind = 'panel' | 'root' | 'reseller' | 'customer' | 'read-only';

function Make({ close }: { close: () => void }) {
  const client = useQueryClient();
  const { who } = useMay();
  const panels = useQuery(sources);
  const [kind, setKind] = useState<Kind>('panel');
  const [t, setT] = useState<Schemas['CreateToken']>({ name: '' });
  const make = useMutation({
    mutationFn: () =>
      take(
        http.POST('/api/v1/tokens', {
          body: { ...t, source: kind === 'panel' ? t.source : undefined, role: kind === 'panel' ? undefined : kind },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ['tokens'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  if (make.data) {
    return (
      <Modal opened onClose={close} title={`The token ${make.data.name}`} size="lg" closeOnClickOutside={false}>
        <Stack>
          <Text>Keep it as you keep a password. It is shown this once; Skein itself only keeps its hash.</Text>
          <Secret text={make.data.secret} label="Token" />
          <Button onClick={close}>I have it</Button>
        </Stack>
      </Modal>
    );
  }
  return (
    <Modal opened onClose={close} title="Make a token">
      <Stack component="form" onSubmit={submit}>
        <TextInput
          label="Name"
          placeholder="plesk1.example.net"
          required
          data-autofocus
          value={t.name}
          onChange={(e) => setT({ ...t, name: e.target.value.trim() })}
        />
        <Select
          label="For"
          allowDeselect={false}
          data={[
            { value: 'panel', label: 'a panel or program: acts for its source alone' },
            { value: who?.actor.role ?? 'customer', label: 'somebody who may do what I may' },
            { value: 'read-only', label: 'somebody who may only look' },
          ]}
          value={kind}
          onChange={(k) => setKind(k as Kind)}
        />
        {kind === 'panel' && (
          <Select
            label="Source"
            description="Zones put in with it belong to this source"
            clearable
            searchable
            data={(panels.data ?? []).map((s) => s.name)}
            value={t.source ?? null}
            onChange={(source) => setT({ ...t, source: source ?? undefined })}
          />
        )}
        <TagsInput
          label="Only these zones"
          description="Names, or *.example.com. for all below one; all if none"
          value={t.scope?.zones ?? []}
          onChange={(zones) => setT({ ...t, scope: { ...t.scope, zones } })}
        />
        <TagsInput
          label="Only from these networks"
          placeholder="192.0.2.0/24"
          value={t.scope?.networks ?? []}
          onChange={(networks) => setT({ ...t, scope: { ...t.scope, networks } })}
        />
        <ProblemAlert error={make.error} />
        <Button type="submit" loading={make.isPending}>
          Make it
        </Button>
      </Stack>
    </Modal>
  );
}
