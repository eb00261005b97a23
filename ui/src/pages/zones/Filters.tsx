import { Button, Collapse, Group, Select, SimpleGrid } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconFilter } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { members, pools, sources, tenants, type ZoneFilter } from '../../api/queries';
import { Search } from '../../parts/Search';
import { useMay } from '../../shell/may';
import { Saved } from './Saved';
import { narrowed, states } from './filter';

type Props = { filter: ZoneFilter; set: (filter: ZoneFilter) => void };

/** Filters choose which zones are listed. */
export function Filters({ filter, set }: Props) {
  const n = narrowed(filter);
  const [open, { toggle }] = useDisclosure(n > 0);
  const { sees } = useMay();
  const serving = sees('clustering');
  const servers = useQuery({ ...members, enabled: serving });
  const sets = useQuery({ ...pools, enabled: serving });
  const origins = useQuery({ ...sources, enabled: sees('sources') });
  const owners = useQuery({ ...tenants, enabled: sees('access') });
  const choice = (field: 'owner' | 'origin' | 'pool' | 'member', label: string, list?: { name: string }[]) =>
    (list?.length || filter[field]) && (
      <Select
        label={label}
        searchable
        clearable
        placeholder="all"
        clearButtonProps={{ 'aria-label': `All again: ${label}` }}
        data={[...new Set([...(list ?? []).map((x) => x.name), ...(filter[field] ? [filter[field]] : [])])]}
        value={filter[field] ?? null}
        onChange={(value) => set({ ...filter, [field]: value ?? undefined })}
      />
    );
  return (
    <>
      <Group justify="space-between">
        <Group gap="xs">
          <Search
            label="Search zones by name"
            text={filter.contains ?? ''}
            onSearch={(contains) => set({ ...filter, contains: contains || undefined })}
          />
          <Button
            variant="default"
            leftSection={<IconFilter size={16} aria-hidden />}
            aria-expanded={open}
            aria-controls="zone-filters"
            onClick={toggle}
          >
            {n > 0 ? `Filters (${n})` : 'Filters'}
          </Button>
        </Group>
        <Saved filter={filter} set={set} />
      </Group>
      <Collapse expanded={open} id="zone-filters">
        <SimpleGrid cols={{ base: 1, xs: 2, md: 5 }} className="panel padded" role="group" aria-label="Filters">
          {serving && (
            <Select
              label="State"
              clearable
              placeholder="any"
              clearButtonProps={{ 'aria-label': 'Any again: State' }}
              data={Object.entries(states).map(([value, label]) => ({ value, label }))}
              value={filter.state ?? null}
              onChange={(state) => set({ ...filter, state: (state ?? undefined) as ZoneFilter['state'] })}
            />
          )}
          {choice('member', 'Server', servers.data)}
          {choice('origin', 'Origin', origins.data)}
          {choice('owner', 'Owner', owners.data)}
          {choice('pool', 'Set', sets.data)}
        </SimpleGrid>
      </Collapse>
    </>
  );
}
