import { mkdirSync } from 'node:fs';
import type { Page } from '@playwright/test';

const folder = process.env.SKEIN_SCREENSHOTS ?? new URL('../test-results/screenshots', import.meta.url).pathname;
mkdirSync(folder, { recursive: true });

/** shot keeps what the page looks like: an artifact, outside of git. */
export async function shot(page: Page, name: string) {
  await page.screenshot({ path: `${folder}/${name}.png`, animations: 'disabled' });
}
