import { look } from './look';
import { shot } from './shots';
import { freePort } from './skein';
import { claim, expect, test } from './test';

test('from the link to a zone that a BIND serves', async ({ page, skein }) => {
  await claim(page, skein);
  await expect(page.getByRole('heading', { name: 'First steps' })).toBeVisible();
  await shot(page, 'first-steps');

  await page.getByRole('link', { name: 'Name the nameservers' }).click();
  await page.getByRole('button', { name: 'Change the set default' }).click();
  const names = page.getByRole('dialog', { name: 'Nameserver set default' });
  await names.getByRole('textbox', { name: 'Nameserver 1' }).fill('ns1.example.net');
  await names.getByRole('textbox', { name: 'Nameserver 2' }).fill('ns2.example.net');
  await names.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('region', { name: 'default', exact: true })).toContainText('ns2.example.net');
  await page.getByRole('link', { name: 'Overview', exact: true }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'Name the nameservers' })).toContainText('done');

  await page.getByRole('link', { name: 'Add a server' }).click();
  const [dns, rndc] = [await freePort(), await freePort()];
  await page.getByRole('textbox', { name: /^Name/ }).fill('ns2.example.net');
  await page.getByRole('textbox', { name: /^Address/ }).fill('127.0.0.1');
  await page.getByLabel('DNS port').fill(String(dns));
  await page.getByLabel('Port of rndc').fill(String(rndc));
  await page.getByLabel('Working directory of the server').fill(skein.folder('ns2'));
  await shot(page, 'add-server');
  await page.getByRole('button', { name: 'Show what to paste there' }).click();
  const block = page.getByRole('region', { name: 'Configuration of ns2.example.net' });
  const config = await block.innerText();
  expect(config).toContain('controls');
  await shot(page, 'add-server-paste');
  const named = skein.named('ns2', config);
  await expect(async () => {
    await page.getByRole('button', { name: /test the server|Test again/ }).click();
    await expect(page.getByText('in step')).toBeVisible({ timeout: 10_000 });
  }).toPass();
  await shot(page, 'add-server-tested');

  await page.getByRole('link', { name: 'Zones' }).click();
  await page.getByRole('link', { name: 'New zone' }).first().click();
  await page.getByRole('tab', { name: 'From a zone file' }).click();
  await page.getByRole('textbox', { name: /^Name/ }).fill('shop.example');
  await page
    .getByRole('textbox', { name: 'Zone file' })
    .fill('$TTL 300\n@ SOA ns1 hostmaster 1 7200 3600 1209600 300\n@ NS ns1\nns1 A 192.0.2.1\nwww A 192.0.2.10\n');
  await page.getByRole('button', { name: 'Check it' }).click();
  await expect(page.getByRole('region', { name: 'What the zone will hold' })).toContainText('www.shop.example. 300 A 192.0.2.10');
  await shot(page, 'new-zone');
  await page.getByRole('button', { name: 'Make the zone' }).click();
  const receipt = page.getByRole('region', { name: 'Receipt' });
  await expect(receipt).toContainText('is served everywhere');

  // An edit, and its receipt live.
  await page.getByRole('button', { name: 'Edit www A' }).click();
  await page.getByLabel('Address').fill('192.0.2.300');
  await expect(page.getByText('four numbers with dots between')).toBeVisible();
  await page.getByLabel('Address').fill('192.0.2.99');
  await look(page, 'edit-record');
  await page.getByRole('button', { name: 'Add to the pending changes' }).click();
  await expect(page.getByText('1 change is pending')).toBeVisible();
  await shot(page, 'zone-pending');
  await page.getByRole('button', { name: 'Review and save' }).click();
  await expect(page.getByRole('region', { name: 'What changes' })).toContainText('+ www.shop.example. 300 A 192.0.2.99');
  await look(page, 'zone-review');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved as serial 2.')).toBeVisible();
  await expect(receipt).toContainText('Serial 2 is served everywhere');
  await shot(page, 'zone');
  await page.getByRole('tab', { name: 'Servers' }).click();
  const lookup = page.getByRole('region', { name: 'Lookup at each server' });
  await lookup.getByRole('textbox', { name: 'Name' }).fill('www');
  await lookup.getByRole('button', { name: 'Ask them' }).click();
  await expect(lookup.getByRole('row', { name: /ns2\.example\.net answers/ })).toContainText('www.shop.example. 300 A 192.0.2.99');
  const delegation = page.getByRole('region', { name: 'Delegation', exact: true });
  await delegation.getByRole('button', { name: 'Follow the delegation' }).click();
  await expect(delegation.getByRole('status')).toContainText(/What to do: .+\./);
  await expect(delegation.getByRole('row', { name: /127\.0\.0\.1/ })).toContainText('has the zone');
  await look(page, 'zone-lookup');

  // The server goes away while the page is open.
  await page.getByRole('link', { name: 'Servers' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Servers' })).toBeVisible();
  await expect(page.getByRole('row', { name: /ns2\.example\.net/ })).toContainText('in step');
  await shot(page, 'servers');
  const row = page.getByRole('row', { name: /ns2\.example\.net/ });
  named.kill('SIGKILL');
  skein.cli('record', 'set', 'shop.example', 'www', 'A', '192.0.2.100');
  await expect(row).toContainText(/does not answer|behind/);
  await shot(page, 'servers-down');
  skein.named('ns2', config);
  await expect(row).toContainText('in step');
});
