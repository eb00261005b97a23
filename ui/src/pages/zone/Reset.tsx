import { Select, SimpleGrid, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { http, tag, take, type Schemas } from '../../api/http';
import { templates } from '../../api/queries';
import { ConfirmModal } from '../../parts/Confirm';
import { Diff } from '../../parts/Diff';
import { Findings } from '../../parts/Problem';
import { shown } from '../../parts/names';
import { useSaved } from './saved';

/** Reset makes a zone what a template says, after showing what that takes away. */
export function Reset({ z, close }: { z: Schemas['ZoneDetail']; close: () => void }) {
  const saved = useSaved(z, close);
  const list = useQuery(templates);
  const [asked, setAsked] = useState<Schemas['ResetZone']>({ template: 'standard' });
  const [settled] = useDebouncedValue(asked, 300);
  const call = (body: Schemas['ResetZone']) =>
    take(
      http.POST('/api/v1/zones/{name}/reset', {
        params: { path: { name: z.name }, header: { 'If-Match': tag(z.revision) } },
        body: { ...body, ip: body.ip || undefined, ipv6: body.ipv6 || undefined },
      }),
    );
  const preview = useQuery({
    queryKey: ['reset', z.name, z.revision, settled],
    queryFn: () => call({ ...settled, dry_run: true }),
    retry: false,
    gcTime: 0,
  });
  const save = useMutation({
    mutationFn: () => call(asked),
    onSuccess: () => saved(`${shown(z.name)} is as the template has it. What it was before is in its history.`),
  });
  return (
    <ConfirmModal
      open
      close={close}
      title={`Reset ${shown(z.name)} to a template`}
      confirm="Reset the zone"
      danger
      go={() => save.mutate()}
      busy={save.isPending}
      error={save.error ?? preview.error ?? list.error}
      ready={settled === asked && !!preview.data?.changed}
    >
      <Text size="sm">All its records are replaced by those of the template. What others put over the zone stays over it.</Text>
      <Select
        label="Template"
        allowDeselect={false}
        data={(list.data ?? []).map((t) => t.name)}
        value={asked.template ?? null}
        onChange={(template) => setAsked({ ...asked, template: template ?? undefined })}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label="IPv4 address"
          description="the one that the zone has, if you give none"
          value={asked.ip ?? ''}
          onChange={(e) => setAsked({ ...asked, ip: e.target.value.trim() })}
        />
        <TextInput
          label="IPv6 address"
          description="the one that the zone has, if you give none"
          value={asked.ipv6 ?? ''}
          onChange={(e) => setAsked({ ...asked, ipv6: e.target.value.trim() })}
        />
      </SimpleGrid>
      {preview.data && (preview.data.changed ? <Diff delta={preview.data.delta} /> : <Text c="dimmed">The zone is so already.</Text>)}
      <Findings problems={preview.data?.warnings ?? null} />
    </ConfirmModal>
  );
}
