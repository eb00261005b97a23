import { Button, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { http, tag, take, type Schemas } from '../../api/http';
import { tenants } from '../../api/queries';
import { ConfirmButton } from '../../parts/Confirm';
import { ProblemAlert } from '../../parts/Problem';

/** NewPool makes a nameserver set; a reseller's has the reseller's name. */
export function NewPool({ close }: { close: () => void }) {
  const client = useQueryClient();
  const of = useQuery(tenants);
  const [p, setP] = useState<Schemas['NewPool']>({});
  const save = useMutation({
    mutationFn: () => take(http.POST('/api/v1/pools', { body: { name: p.name || p.tenant, tenant: p.tenant } })),
    onSuccess: (made) => {
      close();
      notifications.show({ message: `The set ${made.name} is there. Name its nameservers, and give it servers.` });
      void client.invalidateQueries({ queryKey: ['pools'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Modal opened onClose={close} title="New nameserver set">
      <Stack component="form" onSubmit={submit}>
        <TextInput
          label="Name"
          description="That of the reseller if nothing is given"
          placeholder="north"
          maxLength={63}
          data-autofocus
          value={p.name ?? ''}
          onChange={(e) => setP({ ...p, name: e.target.value.trim() })}
        />
        <Select
          label="Whose it is"
          clearable
          placeholder="yours"
          data={(of.data ?? []).filter((t) => t.kind !== 'customer').map((t) => t.name)}
          value={p.tenant ?? null}
          onChange={(tenant) => setP({ ...p, tenant: tenant ?? undefined })}
        />
        <ProblemAlert error={save.error} />
        <Button type="submit" loading={save.isPending}>
          Make it
        </Button>
      </Stack>
    </Modal>
  );
}

export function RemovePool({ p }: { p: Schemas['Pool'] }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => http.DELETE('/api/v1/pools/{name}', { params: { path: { name: p.name }, header: { 'If-Match': tag(p.version) } } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['pools'] }),
  });
  if (p.name === 'default') return null;
  return (
    <ConfirmButton
      size="xs"
      label="Remove…"
      aria-label={`Remove the set ${p.name}`}
      title={`Remove the set ${p.name}?`}
      confirm="Remove it"
      danger
      run={() => remove.mutateAsync()}
      busy={remove.isPending}
      error={remove.error}
    >
      <Text>It is refused while zones, servers or resellers are in it.</Text>
    </ConfirmButton>
  );
}
