import { defineConfig } from '@playwright/test';
import suite from '../playwright.config';

// Figures, and no verdict: `npm run measure`, apart from the stories that CI tells.
export default defineConfig({ ...suite, testDir: '.', outputDir: '../test-results/measure', workers: 1 });
