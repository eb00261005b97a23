import { SimpleGrid, Switch, TagsInput, PasswordInput, TextInput } from '@mantine/core';
import type { Schemas } from '../../api/http';
import { primary } from './primaries';

type New = Schemas['NewSource'];

/** TransferFields says where zones of a source are fetched, and with which key. */
export function TransferFields({ source: s, set }: { source: New; set: (change: Partial<New>) => void }) {
  const transfer = s.transfer ?? { primaries: [] };
  const key = s.secrets?.keys?.[0];
  const name = transfer.primaries.find((p) => p.key)?.key ?? key?.name ?? '';
  const change = (c: Partial<typeof transfer>) => set({ transfer: { ...transfer, ...c } });
  const setKey = (to: { name?: string; secret?: string }) => {
    const made = { name: to.name ?? name, algorithm: key?.algorithm ?? 'hmac-sha256', secret: to.secret ?? key?.secret ?? '' };
    set({
      transfer: { ...transfer, primaries: transfer.primaries.map((p) => ({ ...p, key: made.name || undefined })) },
      secrets: made.name && made.secret ? { keys: [made] } : undefined,
    });
  };
  return (
    <>
      <TagsInput
        label="Primaries"
        description="Addresses, with ports where these are not 53, in the order in which they are asked"
        placeholder="192.0.2.1:53"
        value={transfer.primaries.map((p) => p.address)}
        onChange={(list) =>
          change({
            primaries: list
              .map(primary)
              .map((address) => transfer.primaries.find((p) => p.address === address) ?? { address, key: name || undefined }),
          })
        }
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label="TSIG key"
          description="Its name; none if nothing is given"
          value={name}
          onChange={(e) => setKey({ name: e.target.value.trim() })}
        />
        <PasswordInput
          label="Its secret"
          description="base64, hmac-sha256; stays if nothing is given"
          autoComplete="off"
          value={key?.secret ?? ''}
          onChange={(e) => setKey({ secret: e.target.value.trim() })}
        />
      </SimpleGrid>
      {s.door === 'transfer' && (
        <>
          <TagsInput
            label="Catalog zones"
            description="Whose members it has"
            value={transfer.catalogs ?? []}
            onChange={(catalogs) => change({ catalogs: catalogs.map((c) => (c.endsWith('.') ? c : `${c}.`)) })}
          />
          <Switch
            label="Its NOTIFY of an unknown zone makes the zone"
            checked={!!transfer.auto}
            onChange={(e) => change({ auto: e.currentTarget.checked })}
          />
        </>
      )}
    </>
  );
}
