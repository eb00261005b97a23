import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Problem, http, take, type Schemas } from '../../api/http';
import { file } from '../../api/queries';
import { Answer } from '../../parts/Answer';
import { Diff } from '../../parts/Diff';
import { Findings, ProblemAlert } from '../../parts/Problem';
import { useMay } from '../../shell/may';

type Props = { z: Schemas['ZoneDetail'] };
type Text_ = { text: string; etag: string };

/** File edits the zone as text. It follows the zone until somebody begins to write; from then on nothing takes that away. */
export function File({ z }: Props) {
  const text = useQuery(file(z.name));
  const [begun, begin] = useState<Text_>();
  return (
    <Answer of={text}>
      {(newest) => {
        const was = begun ?? newest;
        return <Editor key={was.etag} z={z} was={was} begin={() => begin(was)} end={() => begin(undefined)} />;
      }}
    </Answer>
  );
}

function Editor({ z, was, begin, end }: Props & { was: Text_; begin: () => void; end: () => void }) {
  const client = useQueryClient();
  const { may } = useMay();
  const [text, setText] = useState(was.text);
  const [etag, setEtag] = useState(was.etag); // of what mine is put over
  const call = (dry_run: boolean, over = etag) =>
    take(
      http.PUT('/api/v1/zones/{name}/file', {
        params: { path: { name: z.name }, query: { dry_run }, header: { 'If-Match': over } },
        body: text as never,
        bodySerializer: (b: unknown) => b as string,
        headers: { 'Content-Type': 'text/dns' },
      }),
    );
  const preview = useMutation({ mutationFn: (over?: string) => call(true, over) });
  const onTop = useMutation({
    mutationFn: async () => {
      const now = await http.GET('/api/v1/zones/{name}/file', { params: { path: { name: z.name } }, parseAs: 'text' });
      return now.response.headers.get('ETag') ?? '';
    },
    onSuccess: (now) => {
      setEtag(now);
      save.reset();
      preview.mutate(now);
    },
  });
  const reload = async () => {
    await client.invalidateQueries({ queryKey: ['contents', z.name] });
    end();
  };
  const save = useMutation({
    mutationFn: () => call(false),
    onSuccess: (result) => {
      notifications.show({ message: `Saved as serial ${result.zone.serial}.` });
      void client.invalidateQueries({ queryKey: ['zone', z.name] });
      void reload();
    },
  });
  const takeBack = () => {
    setText(was.text);
    setEtag(was.etag);
    end();
  };
  const error = save.error ?? preview.error ?? onTop.error;
  const edited = text !== was.text;
  return (
    <Stack>
      <Textarea
        aria-label="Zone file"
        autosize
        minRows={12}
        maxRows={28}
        spellCheck={false}
        readOnly={!may('records')}
        classNames={{ input: 'mono' }}
        value={text}
        onChange={(e) => {
          begin();
          setText(e.target.value);
          preview.reset();
          save.reset();
        }}
      />
      <ProblemAlert error={error} />
      {error instanceof Problem && error.changed && (
        <Group>
          <Button variant="default" onClick={() => void reload()}>
            Drop mine and load what is there now
          </Button>
          <Button color="red" loading={onTop.isPending} onClick={() => onTop.mutate()}>
            Show what mine would change of it…
          </Button>
        </Group>
      )}
      {preview.data && (
        <>
          {etag !== was.etag && (
            <Text size="sm">Against what is there now: what others put in meanwhile and is not in your text goes.</Text>
          )}
          <Diff delta={preview.data.delta} />
          <Findings problems={preview.data.warnings ?? null} />
        </>
      )}
      {may('records') && (
        <Group>
          {preview.data ? (
            <Button onClick={() => save.mutate()} loading={save.isPending}>
              Save
            </Button>
          ) : (
            <Button onClick={() => preview.mutate(undefined)} loading={preview.isPending} disabled={!edited}>
              Show what changes
            </Button>
          )}
          {edited && (
            <Button variant="default" onClick={takeBack}>
              Take it back
            </Button>
          )}
        </Group>
      )}
    </Stack>
  );
}
