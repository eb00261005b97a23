import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// SKEIN_URL is a server to develop against: `npm run dev` shows its data.
const server = process.env.SKEIN_URL ?? 'https://127.0.0.1:8443';

export default defineConfig({
  base: '/app/',
  plugins: [react()],
  build: {
    outDir: 'dist/app',
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the policy allows no data: addresses
  },
  server: { proxy: { '/api': { target: server, secure: false } } },
  test: { include: ['src/**/*.test.ts'] },
});
