import { chmodSync } from 'node:fs';
import { shot } from './shots';
import { claim, expect, password, test } from './test';

// What an attacker would put in wherever text is taken. It must be seen, and do nothing.
const image = '<img src=x onerror=window.ran=1>';
const script = '"><script>window.ran=1</script>';

declare global {
  interface Window {
    ran?: number;
    complaints?: string[];
  }
}

/** reads says whether a person finds a text on the page. */
const reads = (text: string) =>
  document.body.innerText.includes(text) ||
  [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea')].some((e) => e.value.includes(text));

test('what others put in is shown as it is, and never run', async ({ page, skein }) => {
  // Names of zones, users and tenants are plain: the gate takes no other.
  for (const [exit, ...args] of [
    [2, 'zone', 'create', `${image}.example`, '--ns', 'ns1.example.net'],
    [2, 'tenant', 'add', image],
    [2, 'member', 'config', 'bind', '--name', image],
  ] as const) {
    expect(skein.status(...args), args.join(' ')).toBe(exit);
  }
  const program = skein.file('program', '#!/bin/sh\nexit 0\n');
  chmodSync(program, 0o755);
  skein.cli('member', 'add', 'exec', 'script', '--set', `program=${program}`);
  skein.cli('member', 'debug', 'script', 'on');
  skein.file('program', `#!/bin/sh\necho '${image}' >&2\nexit 1\n`); // from now on it says why it failed
  skein.cli('zone', 'create', 'example.com', '--ns', 'ns1.example.net');
  skein.cli('record', 'set', 'example.com', 'text', 'TXT', `"${image}"`);
  skein.cli('record', 'set', 'example.com', 'caa', 'CAA', `0 issue "${image}"`);
  const host = image.replaceAll(' ', '\\032').replaceAll('.', '\\.');
  skein.cli('record', 'set', 'example.com', host, 'CNAME', `x.${host}`);
  const source = skein.token('plesk', `${image} 1`);
  const panel = skein.token('plesk', script);
  skein.cli('--token-file', source, 'zone', 'create', 'shop.example', '--ns', 'ns1.example.net');
  skein.cli('record', 'set', 'shop.example', 'over', 'TXT', `"${image}"`);
  const theirs = skein.file(
    'theirs.zone',
    `$ORIGIN shop.example.\n@ 300 SOA ns1 h 9 7200 3600 1209600 300\n@ 300 NS ns1\nns1 300 A 192.0.2.1\nx 300 TXT "${image}"\n`,
  );
  skein.refused('--token-file', panel, 'zone', 'import', theirs, '--replace');
  skein.cli('token', 'create', `${image} 2`, '--role', 'root', '--output', `${skein.dir}/root.token`);
  skein.cli(
    'template',
    'put',
    'shop',
    skein.file(
      'shop.template',
      `$TTL 300\n@ SOA %nameserver%. %rpemail%. %serial% 3600 1800 1209600 86400\n@ NS %nameserver%.\n@ TXT "${image}"\n`,
    ),
  );

  await page.addInitScript(() => {
    window.complaints = [];
    document.addEventListener('securitypolicyviolation', (e) => window.complaints!.push(`${e.violatedDirective} ${e.blockedURI}`));
  });
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  const harmless = async (where: string) => {
    expect(await page.evaluate(() => window.ran), `${where} ran it`).toBeUndefined();
    expect(await page.evaluate(() => window.complaints), `${where} tried what the policy forbids`).toEqual([]);
    await expect(page.locator('img[src="x"]'), `${where} made an element of it`).toHaveCount(0);
  };
  await claim(page, skein);
  const inPath = encodeURIComponent(image);
  const pages: [path: string, seen: string, click?: string][] = [
    ['/', image],
    ['/zones/example.com.', `"${image}"`],
    ['/zones/example.com.', `"${image}"`, 'Zone file'],
    ['/zones/example.com.', image, 'Servers'],
    ['/zones/shop.example.', `Beneath, of ${image} 1`, 'Overlays (1)'],
    ['/zones/shop.example.', `${image} 1`, 'History'],
    ['/zones', `${image} 1`],
    [`/zones?contains=${inPath}`, image],
    [`/zones/${inPath}`, image],
    [`/servers/${inPath}`, image],
    ['/servers/script', 'onerror=window.ran=1', 'Debug log'],
    ['/sources', script],
    ['/activity', image],
    ['/waiting', script],
    ['/waiting/1', image],
    ['/templates', image, 'Open the template shop'],
    ['/access', `${image} 2`, 'Tokens'],
  ];
  for (const [path, seen, click = ''] of pages) {
    await page.goto(skein.url + path);
    if (click)
      await page
        .getByRole('tab', { name: click })
        .or(page.getByRole('button', { name: click }))
        .click();
    const where = `${path} ${click}`;
    await expect.poll(() => page.evaluate(reads, seen), { message: `${where} shows it` }).toBe(true);
    await harmless(where);
  }
  await shot(page, 'markup');

  // What is typed comes back in the error, and is text there too.
  await page.goto(`${skein.url}/access`);
  await page.getByRole('button', { name: 'Add a user' }).click();
  await page.getByRole('textbox', { name: /^Name/ }).fill(image);
  await page.locator('input[type=password]').fill(password);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await harmless('the form of a user');
  expect(dialogs).toEqual([]);
});
