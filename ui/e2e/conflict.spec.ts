import { look } from './look';
import { claim, expect, test } from './test';

const zone = (serial: number, records: string) =>
  `$ORIGIN shop.example.\n$TTL 300\n@ SOA ns1.example.net. hostmaster.example.net. ${serial} 7200 3600 1209600 300\n@ NS ns1.example.net.\n${records}\n`;

test('two panels have one domain, and a person decides which version counts', async ({ page, skein }) => {
  const [first, second] = [skein.token('plesk', 'plesk-1'), skein.token('plesk', 'plesk-2')];
  const ours = skein.file('ours.zone', zone(10, 'www A 192.0.2.1'));
  const theirs = skein.file('theirs.zone', zone(4_000_000_000, 'www A 198.51.100.1\nmail A 198.51.100.25'));
  skein.cli('--token-file', first, 'zone', 'import', ours);
  const { dns } = await skein.bind('ns2.example.net');
  const push = () => skein.refused('--token-file', second, 'zone', 'import', theirs, '--replace');
  push();
  await claim(page, skein);

  await page.getByRole('link', { name: /^Conflicts and holds/ }).click();
  await expect(page.getByRole('row', { name: /shop\.example/ })).toContainText('plesk-2');
  await page.getByRole('link', { name: /^Decide number/ }).click();
  const [now, then] = [
    page.getByRole('region', { name: 'What the zone holds', exact: true }),
    page.getByRole('region', { name: 'What it would hold', exact: true }),
  ];
  await expect(now).toContainText('www.shop.example. 300 A 192.0.2.1');
  await expect(then).toContainText('mail.shop.example. 300 A 198.51.100.25');
  const [left, right] = [await now.boundingBox(), await then.boundingBox()];
  expect(Math.abs(left!.y - right!.y), 'they are side by side').toBeLessThan(2);
  await look(page, 'conflict');
  await page.getByRole('button', { name: /^Drop it/ }).click();
  await expect(page.getByRole('heading', { name: 'Nothing waits' })).toBeVisible();
  await expect.poll(() => skein.asks(dns, 'www.shop.example')).toEqual(['192.0.2.1']);

  push(); // while the page is open
  await page.getByRole('link', { name: /^Decide number/ }).click({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Let it through' }).click();
  await expect(page.getByText('The change of shop.example is made.')).toBeVisible();
  await expect.poll(() => skein.asks(dns, 'www.shop.example')).toEqual(['198.51.100.1']);
  await page.goto(`${skein.url}/zones/shop.example.`);
  await expect(page.getByText('from plesk-2')).toBeVisible();
});
