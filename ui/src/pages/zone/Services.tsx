import { SegmentedControl, Select, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { http, take, type Schemas } from '../../api/http';
import { ConfirmModal } from '../../parts/Confirm';
import { Diff } from '../../parts/Diff';
import { Findings } from '../../parts/Problem';
import { shown } from '../../parts/names';
import { useSaved } from './saved';

type Action = Schemas['ServiceDomains']['action'];

const services = ['cpanel', 'whm', 'webmail', 'webdisk', 'cpcontacts', 'cpcalendars', 'autoconfig', 'autodiscover'];

/** Services adds the names of a hosting panel's services to a zone, or takes them away, after showing what that is. */
export function Services({ z, close }: { z: Schemas['ZoneDetail']; close: () => void }) {
  const saved = useSaved(z, close);
  const [action, setAction] = useState<Action>('add');
  const [subdomain, setSubdomain] = useState<string | null>(null);
  const call = async (dry_run: boolean) => {
    const body = { action, domain: z.name, subdomain: subdomain ?? undefined, dry_run };
    return (await take(http.POST('/api/v1/zones:services', { body }))).zones[0];
  };
  const preview = useQuery({
    queryKey: ['services', z.name, z.revision, action, subdomain],
    queryFn: async () => (await call(true)) ?? null, // nothing is to be done
    retry: false,
    gcTime: 0,
  });
  const save = useMutation({
    mutationFn: () => call(false),
    onSuccess: () => saved(`The service domains of ${shown(z.name)} are ${action === 'add' ? 'added' : 'removed'}.`),
  });
  return (
    <ConfirmModal
      open
      close={close}
      title={`Service domains of ${shown(z.name)}`}
      confirm={action === 'add' ? 'Add them' : 'Remove them'}
      go={() => save.mutate()}
      busy={save.isPending}
      error={save.error ?? preview.error}
      ready={!!preview.data?.changed}
    >
      <Text size="sm">
        The names at which a hosting panel’s services answer, at the addresses of the zone. What else stands at such a name stays as it is.
      </Text>
      <SegmentedControl
        aria-label="Add or remove"
        data={[
          { value: 'add', label: 'Add' },
          { value: 'remove', label: 'Remove' },
        ]}
        value={action}
        onChange={(a) => setAction(a as Action)}
      />
      <Select label="Which" clearable placeholder="all of them" data={services} value={subdomain} onChange={setSubdomain} />
      {preview.isSuccess && (preview.data ? <Diff delta={preview.data.delta} /> : <Text c="dimmed">The zone is so already.</Text>)}
      <Findings problems={preview.data?.warnings ?? null} />
    </ConfirmModal>
  );
}
