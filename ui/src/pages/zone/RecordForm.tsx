import { ActionIcon, Autocomplete, Button, Drawer, Fieldset, Group, NumberInput, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import type { Schemas } from '../../api/http';
import { absolute, shown, within } from '../../parts/names';
import type { Edit } from './pending';
import { checkName, shapeOf, types } from './rdata';

type Props = { z: Schemas['ZoneDetail']; edit?: Edit; onDone: (edit: Edit) => void; onClose: () => void };

/** RecordForm edits one RRset: its records field by field. */
export function RecordForm({ z, edit, onDone, onClose }: Props) {
  const [name, setName] = useState(edit ? within(edit.name, z.name) : '');
  const [type, setType] = useState(edit?.type ?? 'A');
  const [ttl, setTTL] = useState(edit?.ttl ?? 3600);
  const shape = shapeOf(type);
  const empty = shape.fields.map(() => '');
  const [records, setRecords] = useState(edit ? edit.data.map(shape.read) : [empty]);
  const [tried, setTried] = useState(false); // errors of what was not touched wait for it
  const wrong = (check: ((t: string) => string | undefined) | undefined, text: string) => (text || tried ? check?.(text) : undefined);
  const set = (record: number, field: number, text: string) =>
    setRecords(records.map((r, i) => (i === record ? r.map((v, j) => (j === field ? text : v)) : r)));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    const bad = records.some((r) => shape.fields.some((f, i) => f.check?.(r[i] ?? '')));
    if (bad || checkName(name || '@')) return;
    onDone({ name: absolute(name, z.name), type, ttl, data: records.map(shape.write), gone: false, was: edit?.was });
  };
  return (
    <Drawer opened onClose={onClose} position="right" size="lg" title={edit ? `${within(edit.name, z.name)} ${edit.type}` : 'Add records'}>
      <form onSubmit={submit} noValidate>
        <Stack>
          {!edit && (
            <Group align="flex-start" grow>
              <TextInput
                label="Name"
                description={`@ for ${shown(z.name)} itself`}
                placeholder="www"
                data-autofocus
                spellCheck={false}
                autoCapitalize="none"
                error={wrong(checkName, name)}
                value={name}
                onChange={(e) => setName(e.target.value)}
              />
              <Autocomplete
                label="Type"
                description="or TYPE and a number"
                data={types.filter((t) => t !== 'SOA')}
                value={type}
                maxLength={32}
                onChange={(t) => {
                  const next = t.trim().toUpperCase();
                  setType(next);
                  setRecords([shapeOf(next).fields.map(() => '')]);
                }}
              />
            </Group>
          )}
          <NumberInput
            label="TTL"
            description="Seconds that resolvers may keep it"
            min={0}
            max={2147483647}
            allowDecimal={false}
            value={ttl}
            onChange={(v) => setTTL(Number(v))}
            maw="14rem"
          />
          {records.map((record, i) => (
            <Fieldset key={i} legend={records.length > 1 ? `Record ${i + 1}` : 'Record'} p="sm">
              <Group align="flex-start" wrap="wrap" gap="sm">
                {shape.fields.map((f, j) => (
                  <TextInput
                    key={f.key}
                    label={f.label}
                    description={f.hint}
                    spellCheck={false}
                    autoCapitalize="none"
                    style={{ flex: f.wide ? '1 1 14rem' : '0 1 7rem' }}
                    classNames={{ input: 'mono' }}
                    error={wrong(f.check, record[j] ?? '')}
                    value={record[j] ?? ''}
                    onChange={(e) => set(i, j, e.target.value)}
                  />
                ))}
                {records.length > 1 && (
                  <ActionIcon
                    variant="default"
                    size="lg"
                    mt={24}
                    aria-label={`Remove record ${i + 1}`}
                    onClick={() => setRecords(records.filter((_, k) => k !== i))}
                  >
                    <IconTrash size={16} aria-hidden />
                  </ActionIcon>
                )}
              </Group>
            </Fieldset>
          ))}
          <Group justify="space-between">
            {type !== 'SOA' && type !== 'CNAME' ? (
              <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setRecords([...records, empty])}>
                One more record
              </Button>
            ) : (
              <span />
            )}
            <Button type="submit">Add to the pending changes</Button>
          </Group>
        </Stack>
      </form>
    </Drawer>
  );
}
