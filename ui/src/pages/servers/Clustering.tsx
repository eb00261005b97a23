import { Group, Text } from '@mantine/core';
import { IconCircleCheck, IconPlayerPause } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { http } from '../../api/http';
import { cluster } from '../../api/queries';
import { ConfirmButton } from '../../parts/Confirm';
import { Panel } from '../../parts/Page';
import { Mark } from '../../parts/State';
import { Ago } from '../../parts/time';
import { useMay } from '../../shell/may';

/** Clustering is the switch for all servers, and what happens when one fails. */
export function Clustering() {
  const client = useQueryClient();
  const { may, root } = useMay();
  const { data } = useQuery({ ...cluster, enabled: root });
  const turn = useMutation({
    mutationFn: (on: boolean) => (on ? http.POST('/api/v1/cluster/enable') : http.POST('/api/v1/cluster/disable')),
    onSuccess: () => client.invalidateQueries({ queryKey: ['cluster'] }),
  });
  if (!data) return null;
  return (
    <Panel>
      <Group justify="space-between">
        <div style={{ flex: '1 1 24rem' }}>
          {data.enabled ? (
            <Mark icon={IconCircleCheck} tone="good" text="Clustering is enabled" />
          ) : (
            <>
              <Mark icon={IconPlayerPause} tone="wait" text={`Clustering is disabled by ${data.changed_by}`} /> <Ago at={data.changed_at} />
            </>
          )}
          <Text size="sm" c="dimmed">
            {data.keep_online
              ? 'No server is ever disabled for its failures.'
              : `A server is disabled after ${data.threshold} failures in a row${data.reenable === 'automatic' ? ', and comes back by itself once it answers' : '; a person enables it again'}.`}{' '}
            {data.failure_notices ? 'That is told to people.' : 'Nobody is told.'} <Link to="/settings">Change</Link>
          </Text>
        </div>
        {may('clustering') &&
          (data.enabled ? (
            <ConfirmButton
              key="disable"
              label="Disable clustering…"
              title="Disable clustering?"
              confirm="Disable clustering"
              run={() => turn.mutateAsync(false)}
              busy={turn.isPending}
              error={turn.error}
            >
              <Text>
                Changes are taken and kept as always, and no server is told of them until clustering is enabled again. What servers have
                stays, and does not expire.
              </Text>
            </ConfirmButton>
          ) : (
            <ConfirmButton
              key="enable"
              label="Enable clustering…"
              title="Enable clustering?"
              confirm="Enable clustering"
              variant="filled"
              run={() => turn.mutateAsync(true)}
              busy={turn.isPending}
              error={turn.error}
            >
              <Text>Every server is told what has changed meanwhile: the newest contents, once.</Text>
            </ConfirmButton>
          ))}
      </Group>
    </Panel>
  );
}
