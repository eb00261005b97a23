import { defineConfig } from '@playwright/test';

// Debian's Chromium: nothing is downloaded. SKEIN_CHROMIUM names another one.
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  timeout: 600_000, // of a test, on a machine that does other things too
  expect: { timeout: 120_000 },
  // Each test has a node of its own. Half of its time is spent waiting for one.
  fullyParallel: true,
  workers: 2,
  reporter: [['list']],
  use: {
    actionTimeout: 120_000,
    ignoreHTTPSErrors: true, // the certificate is the test's own
    screenshot: 'only-on-failure',
    trace: { mode: 'retain-on-failure', screenshots: false }, // a film of each test takes a third of the processor
    launchOptions: {
      executablePath: process.env.SKEIN_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
