// @vitest-environment node
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, it } from 'vitest';
import { build } from 'vite';
import { packageOf } from './licences';

// The console as it is built: what a first load fetches, and that nothing comes from elsewhere.
const dist = new URL('./node_modules/.dist-of-test/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path.replace(/^\//, ''), dist));

beforeAll(async () => {
  // As it is shipped: tests run with React's development build.
  const kept = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  await build({
    root: import.meta.dirname,
    mode: 'production',
    logLevel: 'error',
    build: { outDir: dist.pathname, emptyOutDir: true },
  });
  process.env['NODE_ENV'] = kept;
}, 120_000);

/** Files that a page needs before it shows: those of index.html and what they import at once. */
function atOnce(entry: string, seen = new Set<string>()): Set<string> {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  if (!entry.endsWith('.js')) return seen;
  const text = read(entry).toString('utf8');
  for (const found of text.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) {
    atOnce(`/assets/${found[1] ?? ''}`, seen);
  }
  return seen;
}

it('needs less than 300 KB on the wire for sign-in and home', () => {
  const html = read('index.html').toString('utf8');
  const files = new Set<string>();
  for (const found of html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)) {
    for (const file of atOnce(found[1] ?? '')) files.add(file);
  }
  expect(files.size).toBeGreaterThan(1);
  let bytes = gzipSync(read('index.html'), { level: 9 }).length;
  for (const file of files) bytes += gzipSync(read(file), { level: 9 }).length;
  expect(bytes).toBeLessThan(300 * 1024);
  // The editors are no part of it.
  for (const file of files) expect(file).not.toMatch(/sql_editor|diff_view/);
});

it('names no address outside', () => {
  for (const file of readdirSync(new URL('assets/', dist))) {
    if (!/\.(?:css|html)$/.test(file)) continue;
    expect(read(`assets/${file}`).toString('utf8'), file).not.toMatch(/url\(["']?https?:/);
  }
  expect(read('index.html').toString('utf8')).not.toMatch(/(?:src|href)="https?:/);
});

it('lists the packages in it with their licences', () => {
  expect(existsSync(new URL('licences.json', dist))).toBe(true);
  const list = JSON.parse(read('licences.json').toString('utf8')) as {
    name: string;
    licence: string;
  }[];
  const names = list.map((one) => one.name);
  for (const name of ['react', '@mantine/core', '@codemirror/view', '@tanstack/react-query'])
    expect(names).toContain(name);
  expect(list.filter((one) => one.licence === 'not said')).toEqual([]);
});

it('finds the package of a module', () => {
  expect(packageOf('/x/node_modules/react/index.js')).toBe('/x/node_modules/react');
  expect(packageOf('/x/node_modules/a/node_modules/@b/c/d/e.js')).toBe(
    '/x/node_modules/a/node_modules/@b/c',
  );
  expect(packageOf('/x/src/main.tsx')).toBeUndefined();
});
