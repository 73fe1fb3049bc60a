// A real browser and a person before it, with an eye on what must not happen: an error in the console,
// a request that fails, a page that cannot be used with a screen reader or read for want of contrast.
import axe from 'axe-core';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type Locator,
  type Page,
} from 'playwright-core';

const windows = [
  ['tablet', 820, 1180],
  ['phone', 390, 844],
] as const;

const pictures = resolve(import.meta.dirname, '../output/screenshots');

export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: process.env['SLUICE_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}

/** The console from a folder instead of the binary, so that work on it needs no build of the program. */
async function serveFrom(context: BrowserContext, url: string, folder: string): Promise<void> {
  const own = (at: URL) =>
    at.origin === url && !/^\/(?:api|healthz|readyz|metrics)/.test(at.pathname);
  await context.route(own, async (route) => {
    const { pathname } = new URL(route.request().url());
    const file = join(folder, pathname);
    const path = existsSync(file) && statSync(file).isFile() ? file : join(folder, 'index.html');
    await route.fulfill({ path });
  });
}

/**
 * In the page: the element that has the focus, and what is wrong with its ring. Two pixels at least, and 3 : 1 against what is
 * behind it (WCAG 2.4.7, 1.4.11).
 */
function ringOfFocus(): { text: string; fault: string } {
  const focused = document.activeElement;
  if (focused === null || focused === document.body) return { text: '', fault: '' };
  const text = focused.outerHTML.slice(0, 200);
  const numbers = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const light = (colour: string) => {
    const [r = 0, g = 0, b = 0] = numbers(colour).map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  // Of a field the frame, of a hidden input what stands for it.
  const shown = [
    focused,
    focused.closest('.mantine-Input-input, .cm-editor'),
    focused instanceof HTMLInputElement ? focused.nextElementSibling : null,
  ].filter((one) => one !== null);
  const ringed = shown.find((one) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(one);
    return (
      outlineStyle !== 'none' &&
      parseFloat(outlineWidth) >= 2 &&
      one.getBoundingClientRect().width > 1
    );
  });
  if (ringed === undefined) return { text, fault: 'no ring' };
  let ground = ringed.parentElement;
  while (ground && (numbers(getComputedStyle(ground).backgroundColor)[3] ?? 1) < 1) {
    ground = ground.parentElement;
  }
  const behind = ground ? getComputedStyle(ground).backgroundColor : 'rgb(255, 255, 255)';
  const ring = getComputedStyle(ringed).outlineColor;
  const [low = 0, high = 0] = [light(ring), light(behind)].sort((a, b) => a - b);
  const contrast = (high + 0.05) / (low + 0.05);
  return { text, fault: contrast < 3 ? `${ring} on ${behind}: ${contrast.toFixed(1)} : 1` : '' };
}

/** One person's browser window. */
export class Person {
  /** What went wrong; tests expect it to stay empty. */
  readonly faults: string[] = [];
  /** Answers that a test means to get, as "409 /api/v1/issues/1/rollback". */
  readonly expected: RegExp[] = [];
  private count = 0;

  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
    private readonly url: string,
    private readonly folder: string,
  ) {}

  static async open(browser: Browser, url: string, name: string): Promise<Person> {
    const context = await browser.newContext({
      viewport: { width: 1360, height: 900 },
      reducedMotion: 'reduce',
      colorScheme: 'light',
    });
    const dist = process.env['SLUICE_CONSOLE_DIST'];
    if (dist) await serveFrom(context, url, dist);
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    const folder = join(pictures, name);
    mkdirSync(folder, { recursive: true });
    const person = new Person(page, context, url, folder);
    page.on('console', (message) => {
      // The browser's own line for a refused request: the request is judged below.
      if (message.text().startsWith('Failed to load resource')) return;
      if (['error', 'warning'].includes(message.type())) {
        person.faults.push(`console ${message.type()}: ${message.text()}`);
      }
    });
    page.on('pageerror', (error) => person.faults.push(`page error: ${error.message}`));
    page.on('requestfailed', (request) => {
      const why = request.failure()?.errorText ?? '';
      // A page that is left drops its questions and its stream of events.
      if (why !== 'net::ERR_ABORTED') person.faults.push(`request: ${request.url()} ${why}`);
    });
    page.on('request', (request) => {
      if (!/^(?:blob|data):/.test(request.url()) && !request.url().startsWith(`${url}/`)) {
        person.faults.push(`a request left the machine: ${request.url()}`);
      }
    });
    page.on('response', (response) => {
      const line = `${response.status()} ${new URL(response.url()).pathname}`;
      // Who is not signed in yet is told so.
      if (response.status() < 400 || line === '401 /api/v1/me') return;
      if (!person.expected.some((one) => one.test(line))) person.faults.push(`answer: ${line}`);
    });
    return person;
  }

  /** What went wrong since it was asked last. */
  told(): string[] {
    return this.faults.splice(0);
  }

  async close(): Promise<void> {
    await this.context.close();
  }

  async go(path: string): Promise<void> {
    await this.page.goto(this.url + path);
  }

  async enter(email: string, password: string): Promise<void> {
    await this.go('/');
    await this.heading('Sign in');
    await this.fill(/^Email/, email);
    await this.fill(/^Password/, password);
    await this.press('Sign in');
    await this.heading('Home');
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' }).first();
  }

  /** Of the dialog, where one is open. */
  async press(name: string | RegExp): Promise<void> {
    const dialog = this.page.getByRole('dialog');
    const within = (await dialog.count()) > 0 ? dialog.last() : this.page;
    await within
      .getByRole('button', { name, exact: typeof name === 'string' })
      .first()
      .click();
  }

  /** The dialog that was open is gone, with what it asked done. */
  async closed(): Promise<void> {
    await this.page.getByRole('dialog').waitFor({ state: 'detached' });
  }

  async follow(name: string | RegExp): Promise<void> {
    await this.page
      .getByRole('link', { name, exact: typeof name === 'string' })
      .first()
      .click();
  }

  async fill(label: string | RegExp, text: string): Promise<void> {
    await this.page
      .getByLabel(label, { exact: typeof label === 'string' })
      .first()
      .fill(text);
  }

  async choose(label: string, option: string | RegExp): Promise<void> {
    await this.page
      .getByRole('combobox', { name: label })
      .or(this.page.getByLabel(label))
      .first()
      .click();
    await this.page.getByRole('option', { name: option }).first().click();
  }

  /** Puts a text into a CodeMirror editor. */
  async write(label: string, text: string): Promise<void> {
    const editor = this.page.locator(`.cm-content[aria-label="${label}"]`).first();
    await editor.click();
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.insertText(text);
  }

  async sees(text: string | RegExp, seconds = 60): Promise<void> {
    await this.page
      .getByText(text)
      .first()
      .waitFor({ timeout: seconds * 1000 });
  }

  async heading(name: string | RegExp): Promise<void> {
    await this.page.getByRole('heading', { name, level: 1 }).waitFor();
  }

  /** A picture alone. */
  async snap(name: string): Promise<void> {
    await this.page.screenshot({
      path: join(this.folder, `${name}.png`),
      fullPage: true,
    });
  }

  /** Looks at the page: accessibility in light and dark, its fit on a tablet and a phone; pictures. */
  async look(name: string): Promise<void> {
    await this.page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
    const at = String(++this.count).padStart(2, '0');
    for (const scheme of ['light', 'dark'] as const) {
      await this.scheme(scheme);
      await this.page.screenshot({
        path: join(this.folder, `${at}-${name}-${scheme}.png`),
        fullPage: true,
        animations: 'disabled',
      });
      this.faults.push(...(await this.barriers()).map((line) => `${name}, ${scheme}: ${line}`));
    }
    await this.scheme('light');
    await this.fits(`${at}-${name}`);
  }

  /** Nothing may stick out of a narrow window: who has to scroll sideways misses what is there. */
  private async fits(name: string): Promise<void> {
    const usual = this.page.viewportSize() ?? { width: 1360, height: 900 };
    for (const [window, width, height] of windows) {
      await this.page.setViewportSize({ width, height });
      // The frame of the page is still moving then.
      await this.page
        .waitForFunction(
          () => document.documentElement.scrollWidth <= document.documentElement.clientWidth,
          undefined,
          { timeout: 5000 },
        )
        .catch(() => undefined);
      const wider = await this.page.evaluate(() => {
        const limit = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= limit) return '';
        const out = [...document.querySelectorAll('body *')].filter(
          (one) => one.getBoundingClientRect().right > limit + 1,
        );
        return out
          .slice(0, 3)
          .map((one) => one.outerHTML.slice(0, 160))
          .join(' | ');
      });
      if (wider !== '') this.faults.push(`${name}, ${window}: sticks out: ${wider}`);
      // Each takes as long as the rest of the look: where somebody wants to see them.
      if (!process.env['SLUICE_CONSOLE_NARROW']) continue;
      await this.page.screenshot({
        path: join(this.folder, `${name}-${window}.png`),
        fullPage: true,
        animations: 'disabled',
      });
    }
    await this.page.setViewportSize(usual);
  }

  /** Goes through the page with Tab: what is reached, and what does not show that it has the focus. */
  async reach(most: number): Promise<{ reached: number; unseen: string[] }> {
    const unseen: string[] = [];
    const seen = new Set<string>();
    for (const scheme of ['light', 'dark'] as const) {
      await this.scheme(scheme);
      await this.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
      for (let count = 0; count < most; ++count) {
        await this.page.keyboard.press('Tab');
        const { text, fault } = await this.page.evaluate(ringOfFocus);
        if (text === '') break;
        seen.add(text);
        if (fault !== '') unseen.push(`${scheme}: ${fault}: ${text}`);
      }
    }
    await this.scheme('light');
    return { reached: seen.size, unseen };
  }

  /** As the person's system has it: the console follows. */
  private async scheme(scheme: 'light' | 'dark'): Promise<void> {
    await this.page.emulateMedia({
      colorScheme: scheme,
      reducedMotion: 'reduce',
    });
    await this.page.locator(`html[data-mantine-color-scheme="${scheme}"]`).waitFor();
  }

  private async barriers(): Promise<string[]> {
    if (!(await this.page.evaluate(() => 'axe' in window))) await this.page.evaluate(axe.source);
    const found = await this.page.evaluate(async () => {
      const run = (window as unknown as { axe: typeof import('axe-core') }).axe.run;
      const { violations } = await run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
      });
      return violations.map(({ id, help, nodes }) => ({
        id,
        help,
        where: nodes
          .slice(0, 3)
          .map((node) => `${node.target.join(' ')} ${node.html.slice(0, 160)}`),
      }));
    });
    return found.map(({ id, help, where }) => `${id}: ${help}: ${where.join(' | ')}`);
  }
}
