import { Button, Checkbox, FileButton, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Problem, http, take } from '../../api/http';
import { ProblemAlert } from '../../parts/Problem';
import { Preview, useMade } from './Preview';

const most = 64 << 20; // octets that the server takes

export function FromFile() {
  const [name, setName] = useState('');
  const [file, setFile] = useState('');
  const [tolerant, setTolerant] = useState(false);
  const [tooLarge, setTooLarge] = useState<Problem>();
  const call = (dry_run: boolean) => take(http.POST('/api/v1/zones', { body: { name, file, tolerant, dry_run } }));
  const preview = useMutation({ mutationFn: () => call(true) });
  const made = useMade();
  const create = useMutation({ mutationFn: () => call(false), onSuccess: made });
  const read = async (chosen: File | null) => {
    if (!chosen) return;
    preview.reset();
    setTooLarge(undefined);
    if (chosen.size > most) {
      setTooLarge(new Problem({ detail: 'The file has more than 64 MiB.', mend: 'Import it with: skein zone import.' }));
      return;
    }
    setFile(await chosen.text());
    if (!name) setName(chosen.name.replace(/^db\.|\.(zone|db|txt|hosts)$/g, ''));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    preview.mutate();
  };
  const edited = () => preview.reset();
  return (
    <Stack component="form" onSubmit={submit}>
      <TextInput
        maw="30rem"
        label="Name"
        placeholder="example.com"
        required
        maxLength={1100}
        spellCheck={false}
        autoCapitalize="none"
        value={name}
        onChange={(e) => {
          setName(e.target.value.trim());
          edited();
        }}
      />
      <Textarea
        label="Zone file"
        description="Paste it, or choose a file. $GENERATE is understood, $INCLUDE is not."
        required
        autosize
        minRows={10}
        maxRows={24}
        spellCheck={false}
        classNames={{ input: 'mono' }}
        placeholder={
          '$TTL 3600\n@ SOA ns1.example.net. hostmaster.example.net. 1 7200 3600 1209600 3600\n@ NS ns1.example.net.\nwww A 192.0.2.10'
        }
        value={file}
        onChange={(e) => {
          setFile(e.target.value);
          edited();
        }}
      />
      <Group>
        <FileButton onChange={read} accept="text/*,.zone,.db,.hosts">
          {(props) => (
            <Button variant="default" {...props}>
              Choose a file…
            </Button>
          )}
        </FileButton>
        <Checkbox
          label="Normalise and warn where the strict rules would refuse"
          checked={tolerant}
          onChange={(e) => {
            setTolerant(e.currentTarget.checked);
            edited();
          }}
        />
      </Group>
      <ProblemAlert error={tooLarge ?? preview.error ?? create.error} />
      {preview.data ? (
        <Preview result={preview.data} create={() => create.mutate()} busy={create.isPending} />
      ) : (
        <Group>
          <Button type="submit" loading={preview.isPending}>
            Check it, and show what it will hold
          </Button>
          <Text size="sm" c="dimmed">
            Every line that is wrong is named.
          </Text>
        </Group>
      )}
    </Stack>
  );
}
