import AxeBuilder from '@axe-core/playwright';
import { shot } from './shots';
import { expect, type Page } from './test';

const dialog = '[role=dialog][aria-modal=true]';

/** look keeps what a page looks like in both themes and on a phone, and finds fault with what not everybody can use. */
export async function look(page: Page, name: string) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
    await shot(page, `${name}-${colorScheme}`);
    await audit(page, `${name}, ${colorScheme}`, colorScheme === 'dark');
  }
  const before = page.viewportSize()!;
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 390, height: 844 });
  await shot(page, `${name}-phone`);
  expect.soft(await page.evaluate(tooWide), `${name} is wider than a phone`).toEqual([]);
  await page.setViewportSize(before);
}

async function audit(page: Page, where: string, dark: boolean) {
  const axe = new AxeBuilder({ page }).setLegacyMode(); // there are no frames
  if (dark) axe.withRules(['color-contrast', 'link-in-text-block']); // the rest is as in the light
  if (await page.locator(dialog).count()) axe.include(dialog); // nobody gets to what is behind it
  const { violations } = await axe.analyze();
  const serious = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
  expect.soft(serious.map((v) => `${where}: ${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join(' | ')}`)).toEqual([]);
}

/** tooWide names what has to be scrolled sideways: the page, or a dialog. */
function tooWide(): string[] {
  const all = [document.documentElement, ...document.querySelectorAll('[role=dialog]')];
  return all.filter((e) => e.scrollWidth > e.clientWidth).map((e) => `${e.tagName} ${e.scrollWidth} > ${e.clientWidth}`);
}
