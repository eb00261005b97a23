import { toASCII, toUnicode } from 'punycode/punycode.es6.js';

/** shown is a name without its final dot; the root keeps it. */
export const shown = (name: string) => (name.length > 1 && name.endsWith('.') ? name.slice(0, -1) : name);

/** readable is the same as people write it: in Unicode. The name itself stays what counts, and is shown beside it. */
export function readable(name: string): string {
  const plain = shown(name).toLowerCase();
  try {
    const text = toUnicode(plain);
    if (toASCII(text) === plain) return text;
  } catch {
    // xn-- and no punycode after it
  }
  return shown(name); // nothing is shown that would not lead back to the name
}

/** within is an owner name as a zone file writes it inside its zone. */
export function within(name: string, zone: string): string {
  if (same(name, zone)) return '@';
  const end = zone === '.' ? '.' : `.${zone}`;
  return name.toLowerCase().endsWith(end.toLowerCase()) ? name.slice(0, -end.length) : name;
}

/** absolute is the opposite: a name that ends with a dot stays as it is. */
export function absolute(name: string, zone: string): string {
  const text = name.trim();
  if (text === '' || text === '@') return zone;
  if (text.endsWith('.') && !text.endsWith('\\.')) return text;
  return zone === '.' ? `${text}.` : `${text}.${zone}`;
}

export const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
