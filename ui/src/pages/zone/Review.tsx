import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Problem, http, tag, take, type Schemas } from '../../api/http';
import { Diff } from '../../parts/Diff';
import { Findings, ProblemAlert } from '../../parts/Problem';
import { Conflict } from './Conflict';
import { edits, type Pending } from './pending';

type Props = {
  z: Schemas['ZoneDetail'];
  base: number;
  rebase: (revision: number) => void;
  pending: Pending;
  close: () => void;
  saved: () => void;
};

/** Review shows what will change, as the server sees it, and saves it. */
export function Review({ z, base, rebase, pending, close, saved }: Props) {
  const client = useQueryClient();
  const call = (dry_run: boolean) =>
    take(
      http.PATCH('/api/v1/zones/{name}/records', {
        params: { path: { name: z.name }, header: { 'If-Match': tag(base) } },
        body: { edits: edits(pending), dry_run },
      }),
    );
  const preview = useQuery({ queryKey: ['review', z.name, base, edits(pending)], queryFn: () => call(true), retry: false, gcTime: 0 });
  const save = useMutation({
    mutationFn: () => call(false),
    onSuccess: (result) => {
      close();
      saved();
      notifications.show({ message: `Saved as serial ${result.zone.serial}.` });
      void client.invalidateQueries({ queryKey: ['zone', z.name] });
      void client.invalidateQueries({ queryKey: ['contents', z.name] });
    },
  });
  const error = save.error ?? preview.error;
  const conflict = error instanceof Problem && error.changed;
  return (
    <Modal opened onClose={close} title="Review the changes" size="xl">
      <Stack>
        {conflict ? (
          <Conflict
            z={z}
            base={base}
            pending={pending}
            onTop={(revision) => {
              save.reset();
              rebase(revision);
            }}
            drop={() => {
              saved();
              close();
            }}
          />
        ) : (
          <>
            <ProblemAlert error={error} />
            {preview.data && (
              <>
                <Text size="sm">The serial grows with the change; it is not shown.</Text>
                <Diff delta={preview.data.delta} />
                <Findings problems={preview.data.warnings ?? null} />
              </>
            )}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Go on editing
              </Button>
              <Button onClick={() => save.mutate()} loading={save.isPending || preview.isLoading} disabled={!preview.data}>
                Save
              </Button>
            </Group>
          </>
        )}
      </Stack>
    </Modal>
  );
}
