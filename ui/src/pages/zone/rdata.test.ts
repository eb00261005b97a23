import { describe, expect, it } from 'vitest';
import { checkName, isIPv6, quote, shapeOf, unquote } from './rdata';

describe('text of TXT records', () => {
  const rows: [situation: string, text: string, data: string][] = [
    ['plain', 'v=spf1 -all', '"v=spf1 -all"'],
    ['nothing', '', '""'],
    ['quotes and backslashes', 'a "b" \\ c', '"a \\"b\\" \\\\ c"'],
    ['markup', '<script>alert(1)</script>', '"<script>alert(1)</script>"'],
    ['umlauts, as octets', 'ü', '"\\195\\188"'],
    ['a line break', 'a\nb', '"a\\010b"'],
    ['longer than one string', 'x'.repeat(300), `"${'x'.repeat(255)}" "${'x'.repeat(45)}"`],
  ];
  it.each(rows)('%s', (_, text, data) => {
    expect(quote(text)).toBe(data);
    expect(unquote(data)).toBe(text);
  });
  it('reads strings without quotes', () => expect(unquote('abc')).toBe('abc'));
  it('cuts an umlaut between strings and joins it again', () => {
    const text = `${'x'.repeat(254)}ü`;
    expect(unquote(quote(text))).toBe(text);
  });
});

describe('data of other types', () => {
  const rows: [type: string, data: string, fields: string[]][] = [
    ['A', '192.0.2.1', ['192.0.2.1']],
    ['MX', '10 mail.example.net.', ['10', 'mail.example.net.']],
    ['SRV', '1 2 443 www', ['1', '2', '443', 'www']],
    ['CAA', '0 issue "ca.example.net; a=b"', ['0', 'issue', 'ca.example.net; a=b']],
    ['TYPE65400', '\\# 1 00', ['\\# 1 00']],
  ];
  it.each(rows)('%s', (type, data, fields) => {
    expect(shapeOf(type).read(data)).toEqual(fields);
    expect(shapeOf(type).write(fields)).toBe(data);
  });
});

describe('what is wrong is said while one types', () => {
  const check = (type: string, ...values: string[]) => shapeOf(type).fields.map((f, i) => f.check?.(values[i] ?? ''));
  it('accepts what is right', () => {
    expect(check('A', '192.0.2.1')).toEqual([undefined]);
    expect(check('AAAA', '2001:db8::1')).toEqual([undefined]);
    expect(check('MX', '10', 'mail')).toEqual([undefined, undefined]);
  });
  it('refuses what is not', () => {
    expect(check('A', '192.0.2.256')[0]).toBeDefined();
    expect(check('A', 'www.example.com')[0]).toBeDefined();
    expect(check('MX', '70000', 'a..b').every((text) => text)).toBe(true);
    expect(check('SRV', '', '', '', '').every((text) => text)).toBe(true);
  });
  it('knows IPv6', () => {
    expect(['::', '::1', '2001:db8::192.0.2.1'].every(isIPv6)).toBe(true);
    expect(['1.2.3.4', '2001:db8', ':::', 'g::'].some(isIPv6)).toBe(false);
  });
  it('knows names', () => {
    expect(['@', '*', 'a.b', '_dmarc', 'a\\.b.c.', 'xn--bcher-kva'].map(checkName)).toEqual(Array(6).fill(undefined));
    expect(['', 'a b', '.a', 'x'.repeat(64)].every((n) => checkName(n))).toBe(true);
  });
});
