import { look } from './look';
import { shot } from './shots';
import { claim, expect, test } from './test';

test('too many deletions are held, seen and decided, and what is held is served until then', async ({ page, skein }) => {
  for (let i = 1; i <= 14; i++) {
    const zone = `z${String(i).padStart(2, '0')}.example`;
    skein.file(
      `zones/${zone}.zone`,
      `$TTL 300\n@ SOA ns1.example.net. hostmaster 1 7200 3600 1209600 300\n@ NS ns1.example.net.\n@ A 192.0.2.${i}\n`,
    );
  }
  skein.cli('zone', 'import', skein.folder('zones'));
  skein.cli('zone', 'create', 'stays.test', '--ns', 'ns1.example.net');
  const { dns } = await skein.bind('ns2.example.net');
  await expect.poll(() => skein.asks(dns, 'z14.example')).toEqual(['192.0.2.14']);
  await claim(page, skein);

  // From the keyboard: search, go down the list, mark.
  await page.goto(`${skein.url}/zones`);
  const list = page.getByRole('grid', { name: 'Zones' });
  await expect(list.getByRole('row', { name: /stays\.test/ })).toBeVisible();
  await page.keyboard.press('/');
  await page.keyboard.type('.example');
  await expect(list.getByRole('row', { name: /stays\.test/ })).toHaveCount(0);
  await expect(page.getByText('14 zones.')).toBeVisible();
  await list.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press(' ');
  const chosen = page.getByRole('region', { name: 'Marked zones' });
  await expect(chosen).toContainText('1 zone is marked');
  await expect(list.getByRole('checkbox', { name: 'Mark z02.example' })).toBeChecked();
  await chosen.getByRole('button', { name: 'Mark none' }).click();
  await list.getByRole('checkbox', { name: /^Mark the zones/ }).check();
  await expect(chosen).toContainText('14 zones are marked');
  await shot(page, 'zones-marked');

  await chosen.getByRole('button', { name: 'Delete…' }).click();
  const bulk = page.getByRole('dialog', { name: 'Delete: 14 zones' });
  await bulk.getByRole('button', { name: 'Show what would become of them' }).click();
  await expect(bulk.getByRole('status')).toHaveText('14 will change');
  await expect(bulk.getByRole('region', { name: 'Zone by zone' })).toContainText('z07.example: 3 records, from admin, on 1 server');
  await look(page, 'zones-bulk');
  await bulk.getByRole('button', { name: 'Delete: 14 zones' }).click();
  await expect(bulk.getByRole('status')).toHaveText('10 done, 4 wait for a person');
  await expect(bulk.getByRole('region', { name: 'Zone by zone' })).toContainText('.example: waits for a person as number 4');
  await shot(page, 'zones-bulk-held');

  await bulk.getByRole('link', { name: 'Look at what waits, and decide' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Conflicts and holds' })).toBeVisible();
  const waiting = page.getByRole('region', { name: 'What waits' });
  const rows = waiting.getByRole('row', { name: /z\d\d\.example/ });
  await expect(rows).toHaveCount(4);
  await shot(page, 'holds');
  // Several are asked for at once: which ones were the last is theirs to say.
  const all = Array.from({ length: 14 }, (_, i) => `z${String(i + 1).padStart(2, '0')}.example`);
  const texts = await rows.allTextContents();
  const held = all.filter((zone) => texts.some((text) => text.includes(zone)));
  const [through, dropped] = [held[0]!, held[3]!];
  const addressOf = (zone: string) => `192.0.2.${Number(zone.slice(1, 3))}`;
  expect(await skein.asks(dns, through)).toEqual([addressOf(through)]);
  await expect.poll(() => skein.asks(dns, all.find((zone) => !held.includes(zone))!)).toEqual([]);

  await waiting.getByRole('link', { name: through }).click();
  await expect(page.getByRole('region', { name: 'What the zone holds, record by record' })).toContainText(`${through}. 300 A ${addressOf(through)}`);
  await shot(page, 'hold');
  await page.getByRole('button', { name: 'Let it through' }).click();
  await expect(page.getByText(`The change of ${through} is made.`)).toBeVisible();
  await expect.poll(() => skein.asks(dns, through)).toEqual([]);

  await page.getByRole('button', { name: 'Drop all…' }).click();
  await page.getByRole('button', { name: 'Drop them' }).click();
  await expect(page.getByRole('heading', { name: 'Nothing waits' })).toBeVisible();
  expect(await skein.asks(dns, dropped)).toEqual([addressOf(dropped)]);
});

test('zones are listed by what is not as it should be, and that is kept by name', async ({ page, skein }) => {
  skein.token('plesk', 'plesk-1');
  skein.cli('zone', 'create', 'shop.example', '--ns', 'ns1.example.net');
  skein.cli('zone', 'create', 'other.example', '--ns', 'ns1.example.net');
  const { named } = await skein.bind('ns2.example.net');
  await claim(page, skein);
  await page.goto(`${skein.url}/zones`);
  const list = page.getByRole('grid', { name: 'Zones' });
  await expect(list.getByRole('row', { name: /other\.example/ })).toBeVisible();
  await page.getByRole('button', { name: 'Filters', exact: true }).click();
  await page.getByRole('combobox', { name: 'State' }).click();
  await page.getByRole('option', { name: 'not in step' }).click();
  await expect(page.getByRole('heading', { name: 'There is no such zone' })).toBeVisible();
  named.kill('SIGKILL');
  skein.cli('record', 'set', 'shop.example', 'www', 'A', '192.0.2.1');
  await expect(list.getByRole('row', { name: /shop\.example/ })).toBeVisible();
  await expect(list.getByRole('row', { name: /other\.example/ })).toHaveCount(0);

  await page.getByRole('button', { name: 'Saved filters' }).click();
  await page.getByRole('menuitem', { name: 'Save this one…' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('late');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('button', { name: 'Saved filters' }).click();
  await expect(page.getByRole('menuitem', { name: /^late/ })).toBeVisible();
  await look(page, 'zones-filtered');
  await page.goto(`${skein.url}/zones?origin=plesk-1`);
  await expect(page.getByRole('heading', { name: 'There is no such zone' })).toBeVisible();
  await page.getByRole('button', { name: 'Saved filters' }).click();
  await page.getByRole('menuitem', { name: /^late/ }).click();
  await expect(list.getByRole('row', { name: /shop\.example/ })).toBeVisible();
  await expect(page).toHaveURL(/state=behind/);
});
