import { createHmac } from 'node:crypto';
import { look } from './look';
import type { Skein } from './skein';
import { claim, expect, password, test, type Page } from './test';

/** sample puts in what pages show: zones, a panel, a reseller. */
function sample(skein: Skein) {
  skein.cli('zone', 'create', 'example.com', '--ns', 'ns1.example.net', '--ns', 'ns2.example.net');
  skein.cli('zone', 'create', 'bücher.example', '--ns', 'ns1.example.net');
  skein.cli('record', 'set', 'example.com', 'www', 'A', '192.0.2.1', '192.0.2.2');
  skein.cli('source', 'add', 'plesk', 'plesk1.example.net');
  skein.cli('tenant', 'add', 'north-hosting');
  skein.cli('zone', 'create', 'gone.example', '--ns', 'ns1.example.net');
  skein.cli('zone', 'delete', 'gone.example');
}

type Pages = [path: string, heading: string][];

const ofZones: Pages = [
  ['/', 'Overview'],
  ['/zones', 'Zones'],
  ['/zones/new', 'New zone'],
  ['/zones/deleted', 'Recycle bin'],
  ['/zones/example.com.', 'example.com'],
  ['/templates', 'Templates'],
  ['/activity', 'Activity'],
  ['/waiting', 'Conflicts and holds'],
];
const ofTheCluster: Pages = [
  ['/servers', 'Servers'],
  ['/add-server', 'Add a server'],
  ['/synchronize', 'Synchronize'],
  ['/sources', 'Sources'],
  ['/pools', 'Nameserver sets'],
  ['/access', 'Users and tokens'],
  ['/settings', 'Settings'],
  ['/account', 'My account'],
];

async function open(page: Page, skein: Skein, path: string, heading: string) {
  await page.goto(skein.url + path);
  await expect(page.getByRole('heading', { level: 1, name: heading, exact: true })).toBeVisible();
  await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0);
}

for (const [what, pages] of [
  ['zones', ofZones],
  ['the cluster', ofTheCluster],
] as const) {
  test(`every page of ${what} is readable in both themes and on a phone`, async ({ page, skein }) => {
    sample(skein);
    await claim(page, skein);
    for (const [path, heading] of pages) {
      await open(page, skein, path, heading);
      await page.keyboard.press('Tab'); // the first key leads past the menu
      await expect(page.getByRole('link', { name: 'Skip to the page' })).toBeFocused();
      await page.keyboard.press('Enter');
      await expect(page.getByRole('main')).toBeFocused();
      await look(page, path.replaceAll(/[^a-z]+/g, '-').replaceAll(/^-|-$/g, '') || 'overview');
    }
  });
}

/** code is what an authenticator shows, so many half minutes from now. */
function code(secret: string, later = 0): string {
  const bits = [...secret.replaceAll(/[\s=]/g, '')]
    .map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from(bits.match(/.{8}/g)!.map((octet) => parseInt(octet, 2)));
  const counter = Buffer.alloc(8);
  counter.writeUInt32BE(Math.floor(Date.now() / 30_000) + later, 4);
  const sum = createHmac('sha1', key).update(counter).digest();
  return String((sum.readUInt32BE(sum[19]! & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

test('a session ends, and a reseller sees what is theirs', async ({ page, skein }) => {
  sample(skein);
  let octets = 0;
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') octets += Number(response.headers()['content-length'] ?? 0);
  });
  await page.goto(skein.claim);
  await expect(page.getByRole('heading', { name: 'Become the administrator' })).toBeVisible();
  await look(page, 'claim');
  await claim(page, skein);
  expect(octets, 'script of the first page').toBeGreaterThan(50_000);
  expect(octets, 'script of the first page').toBeLessThan(250_000);

  // From now on a password alone is not enough.
  await open(page, skein, '/account', 'My account');
  await page.getByRole('button', { name: 'Set up an authenticator' }).click();
  const secret = await page.getByLabel('Secret', { exact: true }).innerText();
  await look(page, 'account-code');
  await page.getByRole('textbox', { name: 'The code that it shows now' }).fill(code(secret));
  await page.getByRole('button', { name: 'Ask for it from now on' }).click();
  await expect(page.getByText('A code of your authenticator is asked for')).toBeVisible();
  // Somebody ends the session: the page asks who is there, and goes on.
  const [session] = JSON.parse(skein.cli('user', 'sessions', 'anna', '-o', 'json')).sessions;
  skein.cli('user', 'sessions', 'anna', '--end', session.id);
  await page.getByRole('link', { name: 'Zones', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Sign in to Skein' })).toBeVisible();
  await page.getByLabel('User').fill('anna');
  await page.locator('input[type=password]').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('textbox', { name: 'One-time code' }).fill(code(secret, 1)); // none counts twice
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('button', { name: 'Account of anna' })).toBeVisible();

  await open(page, skein, '/access', 'Users and tokens');
  await page.getByRole('button', { name: 'Add a user' }).click();
  await page.getByRole('textbox', { name: /^Name/ }).fill('rita');
  await page.getByRole('combobox', { name: /^Of/ }).click();
  await page.getByRole('option', { name: 'north-hosting' }).click();
  await page.locator('input[type=password]').fill(password);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('row', { name: /rita/ })).toContainText('reseller');
  await page.getByRole('button', { name: 'Account of anna' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in to Skein' })).toBeVisible();
  await look(page, 'sign-in');
  await page.getByLabel('User').fill('rita');
  await page.locator('input[type=password]').fill('a wrong password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await page.locator('input[type=password]').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('button', { name: 'Account of rita' })).toBeVisible();
  await open(page, skein, '/zones', 'Zones');
  await expect(page.getByText('No zones yet')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Servers' })).toHaveCount(0); // it has none of its own
  await expect(page.getByText('example.com')).toHaveCount(0);
  await look(page, 'reseller');
});
