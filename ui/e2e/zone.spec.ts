import { look } from './look';
import { shot } from './shots';
import { claim, expect, test } from './test';

test('two people edit one zone, and neither loses a change unseen', async ({ page, skein }) => {
  skein.cli('zone', 'create', 'example.com', '--ns', 'ns1.example.net');
  skein.cli('record', 'set', 'example.com', 'www', 'A', '192.0.2.1');
  await claim(page, skein);
  await page.goto(`${skein.url}/zones/example.com.`);
  await page.getByRole('button', { name: 'Add records' }).click();
  await page.getByRole('textbox', { name: /^Name/ }).fill('mail');
  await page.getByRole('textbox', { name: /^Address/ }).fill('192.0.2.25');
  await page.getByRole('button', { name: 'Add to the pending changes' }).click();
  skein.cli('record', 'set', 'example.com', 'www', 'A', '192.0.2.2'); // the other one
  await page.getByRole('button', { name: 'Review and save' }).click();
  await expect(page.getByRole('alert')).toContainText('The zone was changed meanwhile');
  await expect(page.getByRole('region', { name: 'What the others changed' })).toContainText('192.0.2.2');
  await look(page, 'zone-conflict');
  await page.getByRole('button', { name: 'Put mine on top' }).click();
  await expect(page.getByRole('region', { name: 'What changes' })).toContainText('mail.example.com.');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText(/Saved as serial/)).toBeVisible();
  await expect(page.getByRole('row', { name: /^www A/ })).toContainText('192.0.2.2');
  await expect(page.getByRole('row', { name: /^mail A/ })).toContainText('192.0.2.25');

  // What was, can be again; what goes, can come back.
  await page.getByRole('tab', { name: 'History' }).click();
  await look(page, 'zone-history');
  await page.getByRole('button', { name: 'Restore…' }).last().click();
  await expect(page.getByRole('region', { name: 'What changes' })).toContainText('- mail.example.com.');
  await page.getByRole('button', { name: 'Restore it' }).click();
  await expect(page.getByText(/Restored as serial/)).toBeVisible();
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Delete…' }).click();
  await page.getByLabel('Type example.com to go on').fill('example.com');
  await page.getByRole('button', { name: 'Delete the zone' }).click();
  await page.getByRole('link', { name: 'Recycle bin' }).click();
  await page.getByRole('button', { name: 'Bring back…' }).click();
  await page.getByRole('button', { name: 'Bring it back' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'example.com' })).toBeVisible();
  await expect(page.getByRole('row', { name: /^@ NS/ })).toContainText('ns1.example.net.');

  // The names of a panel's services, beside what is there.
  skein.cli('record', 'set', 'example.com', '@', 'A', '192.0.2.1');
  skein.cli('record', 'set', 'example.com', 'webdisk', 'A', '192.0.2.77');
  await expect(page.getByRole('row', { name: /^webdisk A/ })).toBeVisible();
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Service domains…' }).click();
  const services = page.getByRole('dialog', { name: 'Service domains of example.com' });
  await expect(services.getByRole('region', { name: 'What changes' })).toContainText('+ webmail.example.com. 3600 A 192.0.2.1');
  await look(page, 'zone-services');
  await services.getByRole('button', { name: 'Add them' }).click();
  await expect(page.getByRole('row', { name: /^webmail A/ })).toContainText('192.0.2.1');
  await expect(page.getByRole('row', { name: /^webdisk A/ })).toContainText('192.0.2.77');

  skein.cli('pool', 'edit', 'default', '--nameserver', 'ns1.example.net', '--nameserver', 'ns2.example.net');
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Reset to a template…' }).click();
  const reset = page.getByRole('dialog', { name: 'Reset example.com to a template' });
  const becomes = reset.getByRole('region', { name: 'What changes' });
  await reset.getByRole('textbox', { name: 'IPv4 address' }).fill('192.0.2.3');
  await expect(becomes).toContainText('+ example.com. 14400 A 192.0.2.3');
  await expect(becomes).toContainText('- webdisk.example.com. 3600 A 192.0.2.77');
  await look(page, 'zone-reset');
  await reset.getByRole('button', { name: 'Reset the zone' }).click();
  await expect(page.getByRole('row', { name: /^webdisk A/ })).toHaveCount(0);
  await expect(page.getByRole('row', { name: /^@ A\b/ })).toContainText('192.0.2.3');
});

const shop = (serial: number, records: string) =>
  `$ORIGIN shop.example.\n$TTL 300\n@ SOA ns1.example.net. hostmaster.example.net. ${serial} 7200 3600 1209600 300\n@ NS ns1.example.net.\n${records}\n`;

test('what others put over a zone is told apart, dropped and adopted', async ({ page, skein }) => {
  const panel = skein.token('plesk', 'plesk-1');
  skein.cli('--token-file', panel, 'zone', 'import', skein.file('shop.zone', shop(1, 'www A 192.0.2.1')));
  skein.cli('record', 'set', 'shop.example', 'www', 'A', '192.0.2.9');
  skein.cli('record', 'set', 'shop.example', '_dmarc', 'TXT', `"v=DMARC1; rua=mailto:${'a'.repeat(120)}@example.net"`);
  await claim(page, skein);
  await page.goto(`${skein.url}/zones/shop.example.`);
  await page.getByRole('tab', { name: 'Overlays (2)' }).click();
  const list = page.getByRole('region', { name: 'Overlays' });
  await expect(list.getByRole('row', { name: /www A/ })).toContainText(/192\.0\.2\.9.*192\.0\.2\.1/);
  await look(page, 'zone-overlays');

  await list.getByRole('button', { name: 'Drop www A' }).click();
  const changes = page.getByRole('region', { name: 'What changes' });
  await expect(changes).toContainText('- www.shop.example. 300 A 192.0.2.9');
  await expect(changes).toContainText('+ www.shop.example. 300 A 192.0.2.1');
  await page.getByRole('button', { name: 'Drop it' }).click();
  await expect(page.getByRole('tab', { name: 'Overlays (1)' })).toBeVisible();
  await list.getByRole('button', { name: 'Adopt _dmarc TXT' }).click();
  await page.getByRole('button', { name: 'Adopt it' }).click();
  await expect(page.getByRole('heading', { name: 'There are no overlays' })).toBeVisible();
  skein.cli('--token-file', panel, 'zone', 'import', skein.file('shop.zone', shop(2, 'www A 192.0.2.3')), '--replace');
  await page.getByRole('tab', { name: 'Records' }).click();
  await expect(page.getByRole('row', { name: /^www A/ })).toContainText('192.0.2.3');
  await expect(page.getByRole('row', { name: /^_dmarc/ })).toHaveCount(0); // the panel's own, and it did not send it
});

test('a zone file is put over what others changed meanwhile only when that was seen', async ({ page, skein }) => {
  skein.cli('zone', 'create', 'example.com', '--ns', 'ns1.example.net');
  skein.cli('record', 'set', 'example.com', 'www', 'A', '192.0.2.1');
  await claim(page, skein);
  await page.goto(`${skein.url}/zones/example.com.`);
  await page.getByRole('tab', { name: 'Zone file' }).click();
  const text = page.getByRole('textbox', { name: 'Zone file' });
  await text.fill((await text.inputValue()) + '\nmail.example.com. 300 A 192.0.2.25\n');
  skein.cli('record', 'set', 'example.com', 'www', 'A', '192.0.2.2'); // the other one
  await page.getByRole('button', { name: 'Show what changes' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await page.getByRole('button', { name: /^Show what mine would change/ }).click();
  const changes = page.getByRole('region', { name: 'What changes' });
  await expect(changes).toContainText('- www.example.com. 3600 A 192.0.2.2');
  await expect(changes).toContainText('+ www.example.com. 3600 A 192.0.2.1');
  await expect(changes).toContainText('+ mail.example.com. 300 A 192.0.2.25');
  await shot(page, 'zone-file-conflict');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText(/Saved as serial/)).toBeVisible();

  // Any two versions can be compared.
  await page.getByRole('tab', { name: 'History' }).click();
  const from = page.getByRole('radio', { name: /^Compare from/ });
  await expect(from).toHaveCount(4);
  await from.last().check();
  await page
    .getByRole('radio', { name: /^Compare to/ })
    .first()
    .check();
  await expect(changes).toContainText('+ www.example.com. 3600 A 192.0.2.1');
});
