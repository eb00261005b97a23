import { test as base, expect, type Page } from '@playwright/test';
import { Skein } from './skein';

export { expect, type Page };

export const password = 'a long enough password';

/** claim makes the first user with the one-time link, and signs in. */
export async function claim(page: Page, skein: Skein, user = 'anna') {
  await page.goto(skein.claim);
  await page.getByLabel('User').fill(user);
  await page.locator('input[type=password]').fill(password);
  await page.getByRole('button', { name: 'Make the user and sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
}

/** test has a node of its own, and fails if the browser finds anything to complain of. */
export const test = base.extend<{ skein: Skein; page: Page }>({
  skein: async ({}, use) => {
    const skein = new Skein();
    try {
      await use(await skein.start());
    } finally {
      skein.stop();
    }
  },
  page: async ({ page }, use) => {
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (new URL(request.url()).hostname !== '127.0.0.1') complaints.push(`asked ${request.url()}`);
    });
    await use(page);
    expect(complaints).toEqual([]);
  },
});
