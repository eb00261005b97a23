import { Button, Group, Stack, TagsInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { http, take, type Schemas } from '../../api/http';
import { ProblemAlert } from '../../parts/Problem';
import { primary } from './primaries';

type Props = { source: string; was?: Schemas['TransferZone']; done: (name: string) => void };

/** TransferForm asks for a zone to be transferred from a source, or changes where from. */
export function TransferForm({ source, was, done }: Props) {
  const client = useQueryClient();
  const [name, setName] = useState(was?.name ?? '');
  const [at, setAt] = useState(was?.primaries?.map((p) => p.address) ?? []);
  const save = useMutation({
    mutationFn: async () => {
      const primaries = at.map((address) => was?.primaries?.find((p) => p.address === address) ?? { address });
      const body = { name, source, primaries: primaries.length ? primaries : undefined };
      if (was) await http.PUT('/api/v1/transfer-zones/{name}', { params: { path: { name: was.name } }, body });
      else await take(http.POST('/api/v1/transfer-zones', { body }));
    },
    onSuccess: () => {
      setName('');
      setAt([]);
      done(name);
      void client.invalidateQueries({ queryKey: ['sources'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Stack component="form" onSubmit={submit} gap="xs">
      <Group align="flex-end">
        <TextInput
          label="Zone"
          placeholder="example.com"
          required
          disabled={!!was}
          value={name}
          onChange={(e) => setName(e.target.value.trim())}
        />
        <TagsInput
          label="Primaries of its own"
          placeholder="the source’s"
          w={{ base: '100%', sm: 280 }}
          value={at}
          onChange={(list) => setAt(list.map(primary))}
        />
        <Button type="submit" loading={save.isPending}>
          {was ? 'Save' : 'Transfer it from now on'}
        </Button>
        {was && (
          <Button variant="default" onClick={() => done('')}>
            Leave it as it is
          </Button>
        )}
      </Group>
      <ProblemAlert error={save.error} />
    </Stack>
  );
}
