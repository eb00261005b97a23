// The data of records as people fill it in, and as zone files write it. What
// is wrong is said while one types; whether it is right the server decides.

export type Field = { key: string; label: string; hint?: string; wide?: boolean; check?: (text: string) => string | undefined };
export type Shape = { fields: Field[]; read: (data: string) => string[]; write: (values: string[]) => string };

const v4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;

export const isIPv4 = (text: string) => v4.test(text);

export function isIPv6(text: string): boolean {
  if (!/^[0-9a-fA-F:.]+$/.test(text) || !text.includes(':')) return false;
  try {
    return new URL(`http://[${text}]/`).hostname.length > 0;
  } catch {
    return false;
  }
}

const number = (most: number) => (text: string) =>
  /^\d{1,10}$/.test(text) && Number(text) <= most ? undefined : `a number from 0 to ${most}`;
const address4 = (text: string) => (isIPv4(text) ? undefined : 'four numbers with dots between, such as 192.0.2.10');
const address6 = (text: string) => (isIPv6(text) ? undefined : 'an IPv6 address, such as 2001:db8::10');

/** checkName says what is wrong with a name, absolute or relative to its zone. */
export function checkName(text: string): string | undefined {
  if (text === '@' || text === '.') return undefined;
  if (text === '' || /\s/.test(text)) return 'a name, such as www or mail.example.net.';
  const labels = text.replace(/\.$/, '').split(/(?<!\\)\./);
  if (labels.some((l) => l === '')) return 'it has an empty label: two dots together, or one in front';
  if (labels.some((l) => l.replaceAll(/\\(\d{3}|.)/g, 'x').length > 63)) return 'a label has more than 63 characters';
  return undefined;
}

const single = (label: string, check: Field['check'], hint?: string): Shape => ({
  fields: [{ key: 'value', label, hint, check, wide: true }],
  read: (data) => [data],
  write: ([value = '']) => value.trim(),
});

// words are split at spaces; the last takes what is left.
const words = (fields: Field[]): Shape => ({
  fields,
  read: (data) => {
    const parts = data.trim().split(/\s+/);
    return [...parts.slice(0, fields.length - 1), parts.slice(fields.length - 1).join(' ')];
  },
  write: (values) => values.map((v) => v.trim()).join(' '),
});

const host: Field = { key: 'host', label: 'Host', hint: 'with a final dot if it is outside the zone', wide: true, check: checkName };

export const shapes: Record<string, Shape> = {
  A: single('Address', address4),
  AAAA: single('Address', address6),
  CNAME: single('Name', checkName, 'with a final dot if it is outside the zone'),
  NS: single('Nameserver', checkName, 'with a final dot if it is outside the zone'),
  PTR: single('Name', checkName, 'with a final dot'),
  MX: words([{ key: 'preference', label: 'Preference', hint: 'lowest first', check: number(65535) }, host]),
  SRV: words([
    { key: 'priority', label: 'Priority', check: number(65535) },
    { key: 'weight', label: 'Weight', check: number(65535) },
    { key: 'port', label: 'Port', check: number(65535) },
    { ...host, label: 'Target' },
  ]),
  CAA: {
    fields: [
      { key: 'flags', label: 'Flags', hint: '128: critical', check: number(255) },
      {
        key: 'tag',
        label: 'Tag',
        hint: 'issue, issuewild, iodef',
        check: (t) => (/^[a-z0-9]{1,15}$/i.test(t) ? undefined : 'issue, issuewild or iodef'),
      },
      { key: 'value', label: 'Value', wide: true },
    ],
    read: (data) => {
      const [flags = '0', name = 'issue', ...rest] = data.trim().split(/\s+/);
      return [flags, name, unquote(rest.join(' '))];
    },
    write: ([flags = '0', name = 'issue', value = '']) => `${flags.trim()} ${name.trim()} ${quote(value)}`,
  },
  TXT: {
    fields: [{ key: 'text', label: 'Text', hint: 'as it is to be read: quotes and pieces of 255 octets are made', wide: true }],
    read: (data) => [unquote(data)],
    write: ([text = '']) => quote(text),
  },
};

/** shapeOf is how the data of a type is asked for; of others as zone files write it. */
export const shapeOf = (type: string): Shape =>
  shapes[type] ?? single('Data', (t) => (t.trim() === '' ? 'as a zone file writes it' : undefined), 'as a zone file writes it');

export const types = [...Object.keys(shapes), 'TLSA', 'SSHFP', 'NAPTR', 'DS', 'HTTPS', 'SVCB', 'LOC', 'SOA'];

/** quote writes text as character strings of 255 octets at most (RFC 1035 section 5.1). */
export function quote(text: string): string {
  const octets = new TextEncoder().encode(text);
  const parts: string[] = [];
  for (let at = 0; at === 0 || at < octets.length; at += 255) {
    let part = '';
    for (const octet of octets.subarray(at, at + 255)) part += escaped(octet);
    parts.push(`"${part}"`);
  }
  return parts.join(' ');
}

function escaped(octet: number): string {
  if (octet < 0x20 || octet > 0x7e) return `\\${String(octet).padStart(3, '0')}`;
  const sign = String.fromCharCode(octet);
  return sign === '"' || sign === '\\' ? `\\${sign}` : sign;
}

/** unquote is the opposite: character strings put together, as text. */
export function unquote(data: string): string {
  const octets: number[] = [];
  let quoted = false;
  for (let i = 0; i < data.length; i++) {
    const sign = data[i]!;
    if (sign === '"') quoted = !quoted;
    else if (sign === '\\') {
      const code = /^\d{3}/.exec(data.slice(i + 1));
      octets.push(...(code ? [Number(code[0]) & 255] : new TextEncoder().encode(data[i + 1] ?? '')));
      i += code ? 3 : 1;
    } else if (quoted || !/\s/.test(sign)) octets.push(...new TextEncoder().encode(sign));
  }
  return new TextDecoder().decode(new Uint8Array(octets));
}
