import { Badge, Button, Group, Stack, Table, Text, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http, take, type Schemas } from '../../api/http';
import { templates } from '../../api/queries';
import { Answer } from '../../parts/Answer';
import { ConfirmButton } from '../../parts/Confirm';
import { Page, Panel } from '../../parts/Page';
import { Findings, ProblemAlert } from '../../parts/Problem';
import { Ago } from '../../parts/time';
import { useMay } from '../../shell/may';

type Template = Schemas['Template'];

const first = `$TTL %ttl%
@  SOA  %nameserver%. %rpemail%. %serial% 3600 1800 1209600 86400
@  NS   %nameserver%.
@  A    %ip%
`;

/** Templates are what new zones are made from. */
export default function Templates() {
  const list = useQuery(templates);
  const { may } = useMay();
  const [open, setOpen] = useState<Template>();
  return (
    <Page
      title="Templates"
      lead="Zone files with variables, from which new zones are made."
      actions={may('zones') && <Button onClick={() => setOpen({ name: '', text: first, version: 0 })}>New template</Button>}
    >
      <Answer of={list}>
        {(all) => (
          <Stack>
            <Panel padded={false}>
              <div className="scrolls" tabIndex={0} role="region" aria-label="Templates">
                <Table className="less-2 less-3">
                  <Table.Thead className="table-head">
                    <Table.Tr>
                      <Table.Th>Name</Table.Th>
                      <Table.Th>Owner</Table.Th>
                      <Table.Th>Changed</Table.Th>
                      <Table.Th>
                        <span className="soft">Change</span>
                      </Table.Th>
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {all.map((t) => (
                      <Table.Tr key={`${t.tenant} ${t.name}`}>
                        <Table.Td>
                          <b>{t.name}</b>{' '}
                          {t.builtin && (
                            <Badge variant="default" tt="none" size="sm">
                              comes with Skein
                            </Badge>
                          )}
                        </Table.Td>
                        <Table.Td>{t.tenant ?? '–'}</Table.Td>
                        <Table.Td>{t.builtin ? '–' : <Ago at={t.changed} />}</Table.Td>
                        <Table.Td>
                          <Button size="compact-sm" variant="default" onClick={() => setOpen(t)} aria-label={`Open the template ${t.name}`}>
                            Open
                          </Button>
                        </Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </div>
            </Panel>
            {open && <Editor key={`${open.tenant} ${open.name} ${open.version}`} t={open} close={() => setOpen(undefined)} />}
          </Stack>
        )}
      </Answer>
    </Page>
  );
}

function Editor({ t, close }: { t: Template; close: () => void }) {
  const client = useQueryClient();
  const { may } = useMay();
  const [name, setName] = useState(t.name);
  const [text, setText] = useState(t.text);
  const own = t.version > 0 && !t.builtin;
  const check = useMutation({ mutationFn: () => take(http.POST('/api/v1/templates:check', { body: { text } })) });
  const done = (message: string) => {
    close();
    notifications.show({ message });
    void client.invalidateQueries({ queryKey: ['templates'] });
  };
  const header = own ? { 'If-Match': `"${t.version}"` } : {};
  const save = useMutation({
    mutationFn: () => take(http.PUT('/api/v1/templates/{name}', { params: { path: { name }, header }, body: { text, tenant: t.tenant } })),
    onSuccess: () => done(`The template ${name} is saved.`),
  });
  const remove = useMutation({
    mutationFn: () => http.DELETE('/api/v1/templates/{name}', { params: { path: { name }, query: { tenant: t.tenant }, header } }),
    onSuccess: () => done(`The template ${name} is deleted.`),
  });
  return (
    <Panel title={t.name || 'New template'}>
      <Stack>
        {!t.name && (
          <TextInput label="Name" maw="20rem" required data-autofocus value={name} onChange={(e) => setName(e.target.value.trim())} />
        )}
        <Textarea
          label="Text"
          description="A zone file. %domain%, %ip%, %ipv6%, %nameserver% and more are put in when a zone is made."
          autosize
          minRows={8}
          maxRows={24}
          spellCheck={false}
          classNames={{ input: 'mono' }}
          readOnly={!may('zones')}
          value={text}
          onChange={(e) => {
            setText(e.target.value);
            check.reset();
          }}
        />
        {t.builtin && (
          <Text size="sm" c="dimmed">
            Saved, it takes the place of the one that comes with Skein.
          </Text>
        )}
        <ProblemAlert error={save.error ?? check.error} />
        {check.data && (
          <div role="status">
            <Text size="sm">{check.data.ok ? 'It would be taken.' : 'It would not be taken:'}</Text>
            <Findings problems={check.data.problems} />
          </div>
        )}
        {may('zones') && (
          <Group>
            <Button onClick={() => save.mutate()} loading={save.isPending} disabled={!name || (text === t.text && own)}>
              Save
            </Button>
            <Button variant="default" onClick={() => check.mutate()} loading={check.isPending}>
              Check
            </Button>
            {own && (
              <ConfirmButton
                label="Delete…"
                title={`Delete the template ${t.name}?`}
                confirm="Delete it"
                danger
                run={() => remove.mutateAsync()}
                busy={remove.isPending}
                error={remove.error}
              >
                <Text>Zones that were made from it stay as they are.</Text>
              </ConfirmButton>
            )}
            <Button variant="default" onClick={close}>
              Close
            </Button>
          </Group>
        )}
      </Stack>
    </Panel>
  );
}
