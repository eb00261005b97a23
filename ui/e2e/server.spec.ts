import { readFileSync } from 'node:fs';
import { look } from './look';
import { Skein, freePort } from './skein';
import { claim, expect, test } from './test';

const name = 'ns2.example.net';

test('a server of a cPanel cluster comes, changes its role and goes, and the page outlives the node', async ({ page, skein }) => {
  const whm = await freePort();
  const other = new Skein(); // it is called as a cPanel DNSONLY server is
  try {
    await other.start('--whm', `127.0.0.1:${whm}`, '--hostname', name);
    const token = readFileSync(other.token('whm', 'hub.example.net'), 'utf8').trim();
    skein.cli('tenant', 'add', 'north-hosting');
    skein.cli('zone', 'create', 'shop.example', '--ns', 'ns1.example.net');
    const member = () => JSON.parse(skein.cli('member', 'show', name, '-o', 'json'));
    await claim(page, skein);

    // Of this type no port of rndc is asked, but a token.
    await page.getByRole('link', { name: 'Add a server' }).click();
    await page.getByRole('combobox', { name: 'Type' }).click();
    await page.getByRole('option', { name: 'whm', exact: true }).click();
    await expect(page.getByLabel('Port of rndc')).toHaveCount(0);
    await page.getByRole('textbox', { name: /^Name/ }).fill(name);
    await page.getByRole('textbox', { name: /^Address/ }).fill('127.0.0.1');
    await page.getByLabel('DNS port').fill(String(other.dns));
    await page.getByRole('textbox', { name: 'Where its API is' }).fill(`127.0.0.1:${whm}`);
    await page.getByLabel('API token or key').fill(token);
    await look(page, 'add-server-whm');
    await page.getByRole('button', { name: 'Test and add it' }).click();
    await expect(page.getByRole('table', { name: 'What the test found' })).toBeVisible();
    await page.getByRole('link', { name: 'To the servers' }).click();
    const row = page.getByRole('row', { name: /ns2\.example\.net/ });
    await expect(row).toContainText('in step');
    await expect.poll(() => skein.nameservers(other.dns, 'shop.example')).toEqual(['ns1.example.net']);

    // A role, after a look at what it does.
    const was = member().role;
    await row.getByRole('combobox', { name: `Role of ${name}` }).click();
    await page.getByRole('option', { name: was === 'synchronize' ? 'write-only' : 'synchronize' }).click();
    const effect = page.getByRole('dialog', { name: new RegExp(`^Make ${name}`) });
    await expect(effect).toContainText('zones');
    await look(page, 'server-role');
    expect(member().role).toBe(was); // nothing was done yet
    await effect.getByRole('button', { name: 'Change the role' }).click();
    await expect(effect).toHaveCount(0);
    expect(member().role).not.toBe(was);

    // What is said to it, as it is said.
    await page.getByRole('link', { name }).click();
    await look(page, 'server');
    await page.getByRole('tab', { name: 'Debug log' }).click();
    await page.getByRole('switch', { name: 'Write everything down' }).click();
    await expect.poll(() => member().debug).toBe(true);
    skein.cli('record', 'set', 'shop.example', 'www', 'A', '192.0.2.1');
    await expect(page.getByRole('log')).toContainText('synczones');
    await look(page, 'server-log');
    await page.getByRole('tab', { name: 'Settings' }).click();
    await look(page, 'server-settings');

    // Disabled by a person, and enabled again; the same for all of them.
    const change = async (item: string, button: string) => {
      await page.getByRole('button', { name: `Change the state of ${name}` }).click();
      await page.getByRole('menuitem', { name: item }).click();
      await page.getByRole('button', { name: button, exact: true }).click();
    };
    await page.getByRole('link', { name: 'Servers' }).click();
    await change('Disable…', 'Disable');
    await expect(row).toContainText('disabled by anna');
    await change('Enable…', 'Enable');
    await expect(row).toContainText('in step');
    await page.getByRole('button', { name: 'Disable clustering…' }).click();
    await page.getByRole('button', { name: 'Disable clustering', exact: true }).click();
    await expect(page.getByText('Clustering is disabled by anna')).toBeVisible();
    await page.getByRole('button', { name: 'Enable clustering…' }).click();
    await page.getByRole('button', { name: 'Enable clustering', exact: true }).click();
    await expect(page.getByText('Clustering is enabled', { exact: true })).toBeVisible();

    // The node is updated while the page is open: what was tried meanwhile is taken back, and says why.
    await page.getByRole('link', { name: 'Users and tokens' }).click();
    await page.getByRole('tab', { name: 'Resellers and customers' }).click();
    const own = page.getByRole('switch', { name: 'north-hosting may have servers of its own' });
    await expect(own).not.toBeChecked();
    await look(page, 'access-tenants');
    await skein.down();
    await expect(page.getByText('connection lost, trying again')).toBeVisible();
    await own.click();
    await expect(page.getByText('The server did not answer.')).toBeVisible();
    await expect(own).not.toBeChecked();
    await look(page, 'connection-lost');
    await skein.up();
    await expect(page.getByText('live', { exact: true })).toBeVisible();
    skein.cli('tenant', 'edit', 'north-hosting', '--clustering');
    await page.getByRole('link', { name: 'Servers' }).click();
    await expect(row).toContainText('in step');

    await change('Remove…', 'Remove');
    await expect(page.getByRole('heading', { name: 'No servers yet' })).toBeVisible();
    expect(await skein.asks(other.dns, 'www.shop.example')).toEqual(['192.0.2.1']); // what it has stays
  } finally {
    other.stop();
  }
});
