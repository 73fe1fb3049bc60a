import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { licences } from './licences';

const admin = process.env.SLUICE_ADMIN ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react(), licences()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    // Everything comes from the binary: no file is small enough to be inlined past the page's policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // `npm run dev` beside a running `sluice serve`.
  server: { proxy: { '/api': admin, '/healthz': admin, '/metrics': admin } },
  test: { environment: 'jsdom', include: ['src/**/*.test.{ts,tsx}', '*.test.ts'] },
});
