import { look } from './look';
import { claim, expect, test } from './test';

const zone = (address: string) =>
  `@ 60 SOA ns2.example.net. hostmaster.example.net. 7 3600 600 86400 60\n@ 60 NS ns2.example.net.\nwww 60 A ${address}\n`;

test('zones that a BIND served before come in, and what is here already stays', async ({ page, skein }) => {
  const own = (name: string) =>
    `zone "${name}" { type primary; file "${name}.zone"; allow-transfer { key skein-audit-ns2_example_net; }; };\n`;
  skein.file('ns2.example.net/own.example.zone', zone('192.0.2.1'));
  skein.file('ns2.example.net/other.example.zone', zone('192.0.2.2'));
  skein.cli('zone', 'import', skein.file('other.example.zone', zone('192.0.2.99')));
  await skein.bind('ns2.example.net', own('own.example') + own('other.example'));
  await claim(page, skein);

  await page.goto(`${skein.url}/servers/ns2.example.net`);
  await page.getByRole('tab', { name: 'Take zones over' }).click();
  const show = page.getByRole('button', { name: 'Show what would become of each' });
  await show.click();
  await expect(page.getByRole('alert')).toContainText('cannot list its zones'); // a BIND does not tell
  const only = page.getByRole('combobox', { name: 'Only these zones' });
  for (const name of ['own.example', 'other.example', 'nowhere.example']) {
    await only.fill(name);
    await page.keyboard.press('Enter');
  }
  await show.click();
  const told = page.getByRole('region', { name: 'What becomes of each zone' });
  await expect(told.getByRole('row', { name: /^own\.example/ })).toContainText('comes in');
  await expect(told.getByRole('row', { name: /^other\.example/ })).toContainText('is here already, with other records');
  await expect(told.getByRole('row', { name: /^nowhere\.example/ })).toContainText('cannot come in');
  expect(await skein.asks(skein.dns, 'www.own.example')).toEqual([]); // nothing was done yet
  await look(page, 'member-import');

  await page.getByRole('button', { name: 'Take 1 zone in' }).click();
  await expect(told.getByRole('row', { name: /^own\.example/ })).toContainText('came in');
  await expect.poll(() => skein.asks(skein.dns, 'www.own.example')).toEqual(['192.0.2.1']);
  expect(await skein.asks(skein.dns, 'www.other.example')).toEqual(['192.0.2.99']);
  expect(JSON.parse(skein.cli('zone', 'show', 'own.example', '-o', 'json'))).toMatchObject({ serial: 7, records: 3 });
});
