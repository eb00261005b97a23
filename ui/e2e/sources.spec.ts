import { look } from './look';
import { claim, expect, test, type Page } from './test';

const zone = (name: string, serial: number, address: string) =>
  `$ORIGIN ${name}.\n$TTL 300\n@ SOA ns1.example.net. hostmaster.example.net. ${serial} 7200 3600 1209600 300\n@ NS ns1.example.net.\nwww A ${address}\n`;

/** nextSecond waits for the next full second, and returns it as a field for times wants it: where the browser is. */
async function nextSecond(): Promise<string> {
  do await new Promise((go) => setTimeout(go, 1020 - (Date.now() % 1000)));
  while (new Date().getSeconds() === 0); // a field leaves out that there are none
  return new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

const menu = async (page: Page, source: string, item: RegExp | string) => {
  await page.getByRole('button', { name: `Change ${source}`, exact: true }).click();
  await page.getByRole('menuitem', { name: item }).click();
};

test('a rule answers for a person, and what a panel did wrong is undone', async ({ page, skein }) => {
  const [first, second] = [skein.token('plesk', 'plesk-1'), skein.token('plesk', 'plesk-2')];
  const push = (token: string, file: string) => ['--token-file', token, 'zone', 'import', file, '--replace'];
  skein.cli(...push(first, skein.file('1.zone', zone('shop.example', 10, '192.0.2.1'))));
  skein.cli(...push(first, skein.file('2.zone', zone('gone.example', 10, '192.0.2.2'))));
  const rules = () => JSON.parse(skein.cli('source', 'rule', 'list', '-o', 'json')).rules;
  const asked = () => skein.asks(skein.dns, 'www.shop.example');
  await expect.poll(asked).toEqual(['192.0.2.1']);

  // The panel's update script goes wrong.
  const since = await nextSecond();
  skein.cli(...push(first, skein.file('3.zone', zone('shop.example', 11, '192.0.2.66'))));
  skein.cli('--token-file', first, 'zone', 'delete', 'gone.example');
  await expect.poll(asked).toEqual(['192.0.2.66']);
  await claim(page, skein);
  await page.goto(`${skein.url}/sources`);
  await menu(page, 'plesk-1', /^Undo what it changed/);
  const undo = page.getByRole('dialog', { name: 'Undo what plesk-1 changed' });
  await undo.getByLabel('Since').fill(since);
  await undo.getByRole('button', { name: 'Show what that is' }).click();
  const plan = undo.getByRole('region', { name: 'What is undone' });
  await expect(plan.getByRole('row', { name: /shop\.example/ })).toContainText('goes back to what it was');
  await expect(plan.getByRole('row', { name: /gone\.example/ })).toContainText('comes back');
  expect(await asked()).toEqual(['192.0.2.66']); // nothing was done yet
  await look(page, 'source-revert');
  await undo.getByRole('button', { name: 'Undo it' }).click();
  await expect(undo.getByRole('status')).toHaveText('2 zones are as they were.');
  await expect.poll(asked).toEqual(['192.0.2.1']);
  expect(await skein.asks(skein.dns, 'www.gone.example')).toEqual(['192.0.2.2']);
  await undo.getByRole('button', { name: 'Close', exact: true }).last().click();

  // The domain moves to the other panel: one rule, and nobody is asked for each zone.
  const moved = push(second, skein.file('4.zone', zone('shop.example', 20, '192.0.2.20')));
  skein.refused(...moved);
  const panel = page.getByRole('region', { name: 'Who may change whose zones' });
  await panel.getByRole('combobox', { name: 'Source' }).click();
  await page.getByRole('option', { name: 'plesk-2' }).click();
  await panel.getByRole('combobox', { name: 'Whose zones' }).click();
  await page.getByRole('option', { name: 'plesk-1' }).click();
  await panel.getByRole('button', { name: 'Make the rule' }).click();
  await expect(panel.getByRole('row', { name: /plesk-2 may take over zones of plesk-1/ })).toBeVisible();
  expect(rules()).toMatchObject([{ kind: 'takeover', from: 'plesk-1', to: 'plesk-2', by: 'anna' }]);
  await look(page, 'source-rules');
  skein.cli(...moved);
  await expect.poll(asked).toEqual(['192.0.2.20']);
  await panel.getByRole('button', { name: /^End the rule that plesk-2/ }).click();
  await page.getByRole('button', { name: 'End it', exact: true }).click();
  await expect(panel.getByText(/^No rules:/)).toBeVisible();
  expect(rules()).toEqual([]);
  skein.refused(...push(second, skein.file('5.zone', zone('gone.example', 20, '192.0.2.21'))));
});

test('the zones of an old nameserver are transferred from it, until that is ended', async ({ page, skein }) => {
  skein.file('old/shop.example.zone', zone('shop.example', 7, '192.0.2.1'));
  skein.file('old/bakery.example.zone', zone('bakery.example', 7, '192.0.2.2'));
  const old = `127.0.0.1:${await skein.primary(skein.folder('old'))}`;
  await claim(page, skein);
  await page.goto(`${skein.url}/sources`);
  await page.getByRole('button', { name: 'Add a source' }).first().click();
  const form = page.getByRole('dialog', { name: 'Add a source' });
  await form.getByRole('textbox', { name: /^Name/ }).fill('ns-old');
  await form.getByRole('combobox', { name: 'Door' }).click();
  await page.getByRole('option', { name: 'zone transfer' }).click();
  await form.getByRole('combobox', { name: 'Primaries' }).fill(old);
  await page.keyboard.press('Enter');
  await look(page, 'source-add');
  await form.getByRole('button', { name: 'Add it' }).click();
  await menu(page, 'ns-old', /^Zones that are transferred/);

  const zones = page.getByRole('dialog', { name: 'Zones that are transferred from ns-old' });
  await zones.getByRole('textbox', { name: 'Zone' }).fill('shop.example');
  await zones.getByRole('button', { name: 'Transfer it from now on' }).click();
  await expect(zones.getByRole('row', { name: 'shop.example' })).toContainText('the source’s primaries');
  await zones.getByRole('button', { name: 'Close', exact: true }).click();
  await page.getByRole('link', { name: 'Zones', exact: true }).click();
  await page.getByRole('link', { name: 'New zone' }).first().click();
  await page.getByRole('tab', { name: 'From a server' }).click();
  await expect(page.getByRole('combobox', { name: 'Source' })).toHaveValue('ns-old');
  await page.getByRole('textbox', { name: 'Zone' }).fill('bakery.example');
  await page.getByRole('button', { name: 'Transfer it from now on' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'bakery.example has come' })).toContainText('3 records as serial 7');
  await look(page, 'zones-new-server');
  await page.getByRole('link', { name: 'Sources' }).first().click();
  await menu(page, 'ns-old', /^Zones that are transferred/);
  await expect.poll(() => skein.asks(skein.dns, 'www.shop.example')).toEqual(['192.0.2.1']);
  await expect.poll(() => skein.asks(skein.dns, 'www.bakery.example')).toEqual(['192.0.2.2']);
  expect(JSON.parse(skein.cli('zone', 'show', 'shop.example', '-o', 'json'))).toMatchObject({ origin: 'ns-old', serial: 7 });
  await look(page, 'source-transfers');

  // One of them has moved on: it has a primary of its own.
  await zones.getByRole('button', { name: 'Change the primaries of bakery.example.' }).click();
  await zones.getByRole('combobox', { name: 'Primaries of its own' }).fill('192.0.2.55');
  await page.keyboard.press('Enter');
  await zones.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(zones.getByRole('row', { name: 'bakery.example' })).toContainText('192.0.2.55:53');
  expect(skein.cli('source', 'show', 'ns-old', '--transfer-zones')).toMatch(/bakery\.example\. .*192\.0\.2\.55/);
  await zones.getByRole('button', { name: 'End the transfers of bakery.example.' }).click();
  await page.getByRole('button', { name: 'End them and delete the zone' }).click();
  await expect(zones.getByRole('row', { name: 'bakery.example' })).toHaveCount(0);
  await expect.poll(() => skein.asks(skein.dns, 'www.bakery.example')).toEqual([]);
  expect(skein.cli('zone', 'list', '--deleted')).toContain('bakery.example.');
  expect(skein.cli('zone', 'list')).toContain('shop.example.');
});
