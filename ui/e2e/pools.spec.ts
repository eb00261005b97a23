import { look } from './look';
import { claim, expect, test } from './test';

test('a reseller gets names and a server for its zones, and zones show the names', async ({ page, skein }) => {
  skein.cli('tenant', 'add', 'north-hosting', '--clustering');
  skein.cli('zone', 'create', 'shop.example', '--ns', 'ns1.example.net');
  skein.cli('zone', 'assign', 'shop.example', 'north-hosting');
  const { dns } = await skein.bind('ns2.example.net');
  await claim(page, skein);
  const pool = (name: string) => JSON.parse(skein.cli('pool', 'show', name, '-o', 'json'));

  await page.getByRole('link', { name: 'Nameserver sets' }).click();
  await page.getByRole('button', { name: 'New set' }).click();
  const made = page.getByRole('dialog', { name: 'New nameserver set' });
  await made.getByRole('combobox', { name: 'Whose it is' }).click();
  await page.getByRole('option', { name: 'north-hosting' }).click();
  await look(page, 'pool-new');
  await made.getByRole('button', { name: 'Make it' }).click();
  const set = page.getByRole('region', { name: 'north-hosting', exact: true });
  await expect(set).toContainText('none named yet');
  expect(pool('north-hosting')).toMatchObject({ tenant: 'north-hosting', nameservers: [] });

  await set.getByRole('button', { name: 'Change the set north-hosting' }).click();
  const form = page.getByRole('dialog', { name: 'Nameserver set north-hosting' });
  await form.getByRole('textbox', { name: 'Nameserver 1' }).fill('ns1.north.example');
  await form.getByRole('textbox', { name: 'Nameserver 2' }).fill('ns2.north.example');
  await form.getByRole('combobox', { name: /^What becomes of the names/ }).click();
  await page.getByRole('option', { name: /take the place/ }).click();
  await look(page, 'pool-edit');
  await form.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(set).toContainText('ns2.north.example');

  // The server of the others serves them too, after a look at what that does.
  await set.getByRole('button', { name: 'Share a server with north-hosting' }).click();
  const share = page.getByRole('dialog', { name: 'Share a server with north-hosting' });
  await expect(share.getByRole('combobox', { name: 'Server' })).toHaveValue('ns2.example.net');
  await look(page, 'pool-share');
  await share.getByRole('button', { name: 'Share it', exact: true }).click();
  await expect(set).toContainText('ns2.example.net (shared from default, write-only)');
  expect(pool('north-hosting').members).toEqual(['ns2.example.net']);
  expect(await skein.nameservers(dns, 'shop.example')).toEqual(['ns1.example.net']);

  // The reseller's zones are served there from now on, and one of root's is handed over.
  skein.cli('zone', 'create', 'other.example', '--ns', 'ns1.example.net');
  await page.getByRole('link', { name: 'Users and tokens' }).click();
  await page.getByRole('tab', { name: 'Resellers and customers' }).click();
  await page.getByRole('button', { name: 'Change the set of north-hosting' }).click();
  const owner = page.getByRole('dialog', { name: 'Nameserver set of north-hosting' });
  await expect(owner).toContainText('Its zone moves there');
  await owner.getByRole('combobox', { name: 'Set' }).click();
  await page.getByRole('option', { name: 'north-hosting' }).click();
  await owner.getByRole('button', { name: 'Move its zones' }).click();
  await expect.poll(() => skein.nameservers(dns, 'shop.example')).toEqual(['ns1.north.example', 'ns2.north.example']);
  await page.getByRole('link', { name: 'Zones', exact: true }).click();
  await page.getByRole('checkbox', { name: 'Mark shop.example' }).check();
  await page.getByRole('checkbox', { name: 'Mark other.example' }).check();
  await page.getByRole('button', { name: 'New set…' }).click();
  const move = page.getByRole('dialog', { name: 'Move to another set: 2 zones' });
  await move.getByRole('combobox', { name: 'New set' }).click();
  await page.getByRole('option', { name: 'north-hosting' }).click();
  await expect(move.getByRole('combobox', { name: 'Owner there' })).toHaveValue('north-hosting');
  await move.getByRole('button', { name: 'Show what would become of them' }).click();
  const each = move.getByRole('region', { name: 'Zone by zone' });
  await expect(each).toContainText('shop.example: is served there already');
  await expect(each).toContainText(
    'other.example: is to be handed to north-hosting, and served by the set north-hosting instead of default',
  );
  await look(page, 'zones-move');
  expect(await skein.nameservers(dns, 'other.example')).toEqual(['ns1.example.net']); // nothing was done yet
  await move.getByRole('button', { name: 'Move to another set: 2 zones' }).click();
  await expect(move.getByRole('status')).toHaveText('1 done, 1 as they should be already');
  await move.getByRole('button', { name: 'Close', exact: true }).last().click();
  await expect.poll(() => skein.nameservers(dns, 'other.example')).toEqual(['ns1.north.example', 'ns2.north.example']);
  await page.getByRole('link', { name: 'Nameserver sets' }).click();
  await look(page, 'pools');

  await set.getByRole('button', { name: 'Share ns2.example.net with north-hosting no more' }).click();
  await page.getByRole('button', { name: 'Share it no more' }).click();
  await expect(set).toContainText('Skein itself');
  expect(pool('north-hosting').members).toEqual([]);
  await set.getByRole('button', { name: 'Remove the set north-hosting' }).click();
  const removal = page.getByRole('dialog', { name: 'Remove the set north-hosting?' });
  await removal.getByRole('button', { name: 'Remove it' }).click();
  await expect(removal.getByRole('alert')).toContainText('north-hosting'); // is in it
  expect(pool('north-hosting').name).toBe('north-hosting');
});
