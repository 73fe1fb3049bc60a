// Two people and a Prod environment: what one asks for the other refuses, then approves, each in a
// browser of their own that follows the other's without a reload.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { openBrowser, Person } from './console/browser';
import { engines, startServer, Workspace, type Server } from './console/servers';
import { openShop, password } from './console/shop';
import { steps } from './console/steps';

describe.each(engines)('approvals on %s', (engine) => {
  let server: Server | null = null;
  let browser: Browser;
  let dev: Person;
  let bob: Person;
  const workspace = new Workspace();

  beforeAll(async () => {
    server = startServer(engine);
    if (server === null) return;
    server.sql('DROP DATABASE IF EXISTS shop; CREATE DATABASE shop CHARACTER SET utf8mb4');
    await workspace.start();
    const { owner, project, post } = await openShop(workspace, server, 'Prod');
    await post('/users', {
      name: 'Bob',
      email: 'bob@example.org',
      password,
      role: 'dba',
    });
    const developer = await post('/users', {
      name: 'Dev',
      email: 'dev@example.org',
      password,
      role: 'developer',
    });
    await workspace.api(owner, 'PUT', `/projects/${project}/members`, {
      user: developer.id,
      role: 'developer',
    });
    browser = await openBrowser();
    dev = await Person.open(browser, workspace.url, `approvals-${engine}-dev`);
    bob = await Person.open(browser, workspace.url, `approvals-${engine}-bob`);
  });
  afterAll(async () => {
    if (server === null) return;
    await dev.close();
    await bob.close();
    await browser.close();
    await workspace.stop();
    server.stop();
  });

  const step = steps(
    engine,
    () => server,
    () => [dev, bob],
  );

  step('a developer asks for a change in Prod, which waits', async () => {
    await dev.enter('dev@example.org', password);
    await dev.look('home');
    await dev.follow('Projects');
    await dev.follow('Shop');
    await dev.follow('Alter Schema');
    await dev.page.getByRole('checkbox', { name: 'shop' }).check();
    await dev.press('Next');
    await dev.page.getByRole('tab', { name: 'Raw SQL' }).click();
    await dev.write('Statement', 'CREATE TABLE item (id int NOT NULL PRIMARY KEY);');
    await dev.look('raw-sql');
    await dev.press('Preview issue');
    await dev.sees('a person approves it');
    await dev.press('Create');
    await dev.heading('Alter schema of shop');
    await dev.sees('waits for approval');
    await dev.button('Approve').waitFor();
    await dev.look('waits');
  });

  step('their own approval is refused', async () => {
    dev.expected.push(/^403 .*\/approve$/);
    await dev.press('Approve');
    await dev.page.getByRole('alert').first().waitFor();
    await dev.sees('waits for approval');
  });

  step('a DBA finds it waiting, and rejects it with a reason', async () => {
    await bob.enter('bob@example.org', password);
    await bob.sees('Waits for approval');
    await bob.follow('Alter schema of shop');
    await bob.press('Reject');
    await bob.fill(/^Reason/, 'An item needs a name.');
    await bob.look('reject');
    await bob.press('Reject');
    await bob.sees('An item needs a name.');
    // The other's page follows by itself.
    await dev.sees('An item needs a name.');
    await dev.look('rejected');
  });

  step('the statement is edited, approved and run; both see it', async (at) => {
    await dev.press('Edit statement');
    await dev.write(
      'Statement',
      'CREATE TABLE item (id int NOT NULL PRIMARY KEY, name varchar(40));',
    );
    await dev.press(/^Save/);
    await bob.page.locator('.cm-content').getByText('varchar').first().waitFor();
    await bob.press('Approve');
    await dev.button('Resolve issue').waitFor({ timeout: 60_000 });
    await dev.look('done');
    await dev.press('Resolve issue');
    await bob.page.locator('main').getByText('done', { exact: true }).first().waitFor();
    expect(
      at.sql(
        "SELECT COUNT(*) FROM information_schema.columns WHERE table_name = 'item' AND column_name = 'name'",
      ),
    ).toEqual(['1']);
  });

  const app = (text: string) => {
    if (server === null) throw new Error('no server');
    return server.client(
      { port: workspace.mysqlPort, user: 'app', password, database: 'shop' },
      text,
    );
  };

  step('an account of the proxy is made', async () => {
    await bob.follow('Accounts');
    await bob.press('Add account');
    await bob.fill(/^Name/, 'app');
    await bob.fill(/^Password/, password);
    if (engine === 'mariadb') await bob.choose('Authentication', /native/);
    await bob.look('new-account');
    await bob.press('Create');
    await bob.sees(`--port=${workspace.mysqlPort} --user=app`);
    await bob.look('account');
  });

  step('a change through the proxy becomes an issue, and runs once it is approved', async () => {
    const ddl = 'CREATE TABLE through (id int NOT NULL PRIMARY KEY, name varchar(20))';
    const refused = app(ddl);
    expect(refused.status === 0).toBe(false);
    expect(refused.err).toMatch(/ERROR 1105 \(45000\).*issue/i);
    await bob.follow('Issues');
    await bob.page
      .locator('tbody tr')
      .filter({ hasText: 'proxy' })
      .getByRole('link')
      .first()
      .click();
    await bob.button('Approve').waitFor();
    await bob.look('issue-of-the-proxy');
    await bob.press('Approve');
    await bob.button('Resolve issue').waitFor({ timeout: 60_000 });
    await bob.press('Resolve issue');
    await bob.follow('View change');
    await bob.sees('Schema diff');
    await bob.look('change-of-the-proxy');
  });

  step('in shadow mode everything passes, and is counted', async (at) => {
    await bob.follow('Environments');
    await bob.follow('Prod');
    await bob.page.getByRole('switch', { name: 'Shadow mode' }).click();
    await bob.press('Save');
    await bob.sees('Saved.');
    const ran = app('ALTER TABLE through ADD COLUMN seen int');
    expect(ran).toMatchObject({ status: 0 });
    expect(
      at.sql("SELECT COUNT(*) FROM information_schema.columns WHERE column_name = 'seen'"),
    ).toEqual(['1']);
    await bob.follow('Activity');
    await bob.page.getByRole('tab', { name: 'Statements' }).click();
    await bob.sees(/^would review 1$/);
    await bob.look('statements');
  });

  step('the environment keeps its gate, its rules and its place', async () => {
    await bob.follow('Environments');
    await bob.look('environments');
    await bob.press('Move Prod up');
    await bob.page.locator('tbody tr').first().getByRole('link', { name: 'Prod' }).waitFor();
    await bob.press('Move Prod down');
    await bob.page.locator('tbody tr').first().getByRole('link', { name: 'Test' }).waitFor();
    await bob.follow('Prod');
    await bob.look('gate');
    await bob.page.getByRole('tab', { name: 'SQL review' }).click();
    await bob.sees(/ on$/);
    await bob.look('review');
  });

  step('every other page can be read', async () => {
    for (const [path, heading] of [
      ['/instances/1', 'main'],
      ['/databases/1?tab=schema', /./],
      ['/projects/2?tab=history', 'Shop'],
      ['/projects/2?tab=members', 'Shop'],
      ['/issues?status=all', 'Issues'],
      ['/connections', /./],
      ['/undo', 'Undo changes'],
      ['/databases', 'Databases'],
      ['/accounts', 'Accounts'],
      ['/users', 'Users'],
      ['/settings', 'Settings'],
      ['/settings?tab=configuration', 'Settings'],
      ['/about', 'About'],
      ['/audit', 'Audit log'],
      ['/profile', /./],
      ['/anomalies', 'Anomaly Center'],
    ] as const) {
      await bob.go(path);
      await bob.heading(heading);
      await bob.look(path.replaceAll(/\W+/g, '-').replace(/^-/, ''));
    }
    await bob.go('/nowhere');
    await bob.look('missing');
    await bob.page.keyboard.press('?');
    await bob.page.getByRole('dialog').waitFor();
    await bob.look('keys');
    await bob.page.keyboard.press('Escape');
    await bob.page.keyboard.press('Control+k');
    await bob.page.getByPlaceholder(/Page, project/).fill('shop');
    await bob.page.keyboard.press('Enter');
    await bob.heading('Shop');
  });
});
