import { claim, expect, test, type Page } from '../e2e/test';

const zones = Number(process.env.ZONES ?? 100_000);

const name = (i: number) => `z${String(i).padStart(6, '0')}.example`;

/** frames counts what the page does from the call on, until what it returns is called. */
async function frames(page: Page) {
  await page.evaluate(() => {
    const seen = { gaps: [] as number[], long: [] as number[], end: false };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => seen.long.push(...list.getEntries().map((e) => e.duration))).observe({ entryTypes: ['longtask'] });
    let before = performance.now();
    const next = (at: number) => {
      seen.gaps.push(at - before);
      before = at;
      if (!seen.end) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  return async () => {
    const { gaps, long } = await page.evaluate(() => {
      const { seen } = window as unknown as { seen: { gaps: number[]; long: number[]; end: boolean } };
      seen.end = true;
      return seen;
    });
    gaps.sort((a, b) => a - b);
    const at = (share: number) => Math.round(gaps[Math.floor(share * (gaps.length - 1))]!);
    return `${gaps.length} frames, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, worst ${at(1)} ms; ${long.length} tasks above 50 ms, worst ${Math.round(Math.max(0, ...long))} ms`;
  };
}

test(`the list of ${zones} zones`, async ({ page, skein }) => {
  test.setTimeout(1_800_000);
  const say = (what: string, figures: string) => console.log(`${what.padEnd(28)} ${figures}`);
  const timed = async (what: string, act: () => Promise<unknown>) => {
    const began = performance.now();
    await act();
    say(what, `${Math.round(performance.now() - began)} ms`);
  };
  for (let i = 0; i < zones; i++) {
    const text = `$TTL 300\n@ SOA ns1.example.net. hostmaster 1 7200 3600 1209600 300\n@ NS ns1.example.net.\nwww A 192.0.2.1\n`;
    skein.file(`zones/${name(i)}.zone`, text);
  }
  await timed('taken in', async () => skein.cli('zone', 'import', skein.folder('zones')));
  await claim(page, skein);

  let asked = 0;
  page.on('request', (r) => (asked += Number(r.url().includes('/api/v1/zones'))));
  const list = page.getByRole('grid', { name: 'Zones' });
  const row = (i: number) => page.getByRole('link', { name: name(i), exact: true });
  await timed('overview, anew', async () => {
    await page.goto(skein.url);
    await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
  });
  await timed('list, anew', async () => {
    await page.goto(`${skein.url}/zones`);
    await expect(row(0)).toBeVisible();
  });
  say('rows in the page', String(await list.getByRole('row').count()));

  const box = (await list.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + 200);
  asked = 0;
  const scrolled = await frames(page);
  for (let i = 0; i < 300; i++) await page.mouse.wheel(0, 600);
  say('300 turns of the wheel', `${await scrolled()}; ${asked} requests`);

  asked = 0;
  const jumped = await frames(page);
  await timed('to the end', async () => {
    await list.focus();
    await page.keyboard.press('End');
    await expect(row(zones - 1)).toBeVisible();
  });
  say('  meanwhile', `${await jumped()}; ${asked} requests`);
  say('rows in the page', String(await list.getByRole('row').count()));

  const typed = await frames(page);
  await timed('search', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type(name(zones >> 1).slice(0, 7));
    await expect(row(zones >> 1)).toBeVisible();
    await expect(row(0)).toHaveCount(0);
  });
  say('  meanwhile', await typed());
});
