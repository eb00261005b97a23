import { look } from './look';
import { shot } from './shots';
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
      await look(page, path.replaceAll(/[^a-z]+/g, '-').replaceAll(/^-|-$/g, '') || 'overview');
    }
  });
}

test('the first page loads little script, and none from elsewhere', async ({ page, skein }) => {
  let octets = 0;
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') octets += Number(response.headers()['content-length'] ?? 0);
  });
  await claim(page, skein);
  expect(octets).toBeGreaterThan(50_000);
  expect(octets).toBeLessThan(250_000);
});

test('a session ends, and a reseller sees what is theirs', async ({ page, skein }) => {
  sample(skein);
  await claim(page, skein);
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
  await shot(page, 'sign-in');
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
  await shot(page, 'reseller');
});
