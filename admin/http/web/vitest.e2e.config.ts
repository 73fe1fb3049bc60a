import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The console's tests in a real browser: tests/e2e/*.spec.ts, with the packages of this folder.
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('../../../tests/e2e'),
  cacheDir: here('./node_modules/.vite-e2e'),
  resolve: {
    alias: {
      'axe-core': here('./node_modules/axe-core'),
      'playwright-core': here('./node_modules/playwright-core'),
      vitest: here('./node_modules/vitest'),
    },
  },
  server: { fs: { strict: false } },
  test: {
    include: ['*.spec.ts'],
    environment: 'node',
    // One browser and one pair of servers at a time; a file's steps build on each other.
    fileParallelism: false,
    sequence: { concurrent: false },
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
