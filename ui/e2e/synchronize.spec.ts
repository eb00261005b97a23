import { look } from './look';
import { shot } from './shots';
import { claim, expect, test } from './test';

test('zones are synchronised after a look at what changes; that can be left, ended and gone on with', async ({ page, skein }) => {
  const zones = 1200;
  for (let i = 1; i < zones; i++) {
    const text = `$TTL 300\n@ SOA ns1.example.net. hostmaster 1 7200 3600 1209600 300\n@ NS ns1.example.net.\n`;
    skein.file(`zones/z${i}.example.zone`, text);
  }
  skein.cli('zone', 'import', skein.folder('zones'));
  skein.cli('zone', 'create', 'shop.example', '--ns', 'ns1.example.net');
  skein.cli('record', 'set', 'shop.example', 'www', 'A', '192.0.2.1');
  skein.cli('cluster', 'settings', '--threshold', '1000'); // it is given time
  const { named, dns, config } = await skein.bind('ns2.example.net');
  const configure = (text: string) => {
    skein.file('ns2.example.net/named.conf', text);
    named.kill('SIGHUP'); // read it again
  };
  await expect.poll(() => skein.asks(dns, 'www.shop.example')).toEqual(['192.0.2.1']);
  // It has another key than ours for transfers: it answers, and gets nothing new.
  const wrong = config.replace(/secret "[^"]+"(?=.*# signs zone transfers)/, `secret "${'A'.repeat(43)}="`);
  expect(wrong).not.toEqual(config);
  configure(wrong);
  await expect.poll(() => skein.log).toMatch(/reloading configuration succeeded/);
  skein.cli('record', 'set', 'shop.example', 'www', 'A', '192.0.2.2');
  await claim(page, skein);

  await page.getByRole('link', { name: 'Synchronize' }).click();
  await page.getByRole('radio', { name: 'One zone, to all servers' }).check();
  await page.getByRole('textbox', { name: 'Zone' }).fill('shop.example');
  await page.getByRole('button', { name: 'Show what it would do' }).click();
  const plan = page.getByRole('region', { name: 'What it would do' });
  await expect(plan).toContainText('shop.example on ns2.example.net: is told of ours');
  await plan.getByRole('button', { name: 'Show the difference' }).click();
  const changes = plan.getByRole('region', { name: 'What changes on ns2.example.net' });
  await expect(changes).toContainText('- www.shop.example. 3600 A 192.0.2.1');
  await expect(changes).toContainText('+ www.shop.example. 3600 A 192.0.2.2');
  await look(page, 'synchronize-plan');
  expect(await skein.asks(dns, 'www.shop.example')).toEqual(['192.0.2.1']); // nothing was done yet
  configure(config);
  await page.getByRole('button', { name: 'Do it' }).click();
  const jobs = page.getByRole('region', { name: 'Jobs' });
  await expect(jobs).toContainText('1 of 1 zones looked at');
  await expect.poll(() => skein.asks(dns, 'www.shop.example')).toEqual(['192.0.2.2']);

  // A server that does not answer makes it long: there is time to leave, and to end it.
  await page.getByRole('radio', { name: 'All zones, to all servers' }).check();
  await page.getByRole('button', { name: 'Show what it would do' }).click();
  await expect(page.getByText('Of 1,200 zones')).toBeVisible();
  named.kill('SIGSTOP');
  await page.getByRole('button', { name: 'Do it' }).click();
  await page.getByRole('link', { name: 'Overview', exact: true }).click();
  await page.getByRole('link', { name: 'Synchronize' }).click();
  await expect(jobs.getByRole('progressbar', { name: /^All zones: \d+ of 1200 zones/ })).toBeVisible();
  await jobs.getByRole('button', { name: /^End it/ }).click();
  await expect(jobs).toContainText('ended by a person');
  const listed = () => JSON.parse(skein.cli('sync', '--detach', '-o', 'json')).jobs;
  expect(listed()[0]).toMatchObject({ state: 'cancelled', total: zones });
  expect(listed()[0].done).toBeLessThan(zones);
  await shot(page, 'synchronize-ended');

  named.kill('SIGCONT');
  await jobs.getByRole('button', { name: /^Go on with All zones/ }).click();
  await expect(jobs).toContainText('1,200 of 1,200 zones looked at');
  await expect.poll(() => listed()[0]).toMatchObject({ state: 'done', done: zones, failed: 0 });
  await expect(jobs.getByRole('button', { name: /^Go on with/ })).toHaveCount(0);
  await look(page, 'synchronize-done');
});
