// The tutorial in a real browser, step by step, on each engine: from the first person to a drift that a
// new baseline ends. One file, one workspace an engine; the steps build on each other.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { openBrowser, Person } from './console/browser';
import { engines, startServer, Workspace, type Server } from './console/servers';
import { steps } from './console/steps';

const password = 'correct horse battery';

describe.each(engines)('the tutorial on %s', (engine) => {
  let server: Server | null = null;
  let browser: Browser;
  let ada: Person;
  const workspace = new Workspace();

  beforeAll(async () => {
    server = startServer(engine);
    if (server === null) return;
    server.sql('DROP DATABASE IF EXISTS db_demo');
    await workspace.start();
    browser = await openBrowser();
    ada = await Person.open(browser, workspace.url, `tutorial-${engine}`);
  });
  afterAll(async () => {
    if (server === null) return;
    await ada.close();
    await browser.close();
    await workspace.stop();
    server.stop();
  });

  const step = steps(
    engine,
    () => server,
    () => [ada],
  );

  const resolve = async () => {
    await ada.press('Resolve issue');
    await ada.page.locator('main').getByText('done', { exact: true }).first().waitFor();
    await ada.button('Resolve issue').waitFor({ state: 'hidden' });
  };

  /** Every task has run; what only warned is let go, as a person would. */
  const done = async () => {
    const run = ada.button('Run');
    await run.or(ada.button('Resolve issue')).first().waitFor();
    if (await run.isVisible()) await run.click();
    await ada.button('Resolve issue').waitFor();
  };

  step('1: the first admin is registered', async () => {
    await ada.go('/');
    await ada.heading('Register the first admin');
    await ada.look('register');
    await ada.fill(/^Name/, 'Ada');
    await ada.fill(/^Email/, 'ada@example.org');
    await ada.fill(/^Password/, password);
    await ada.press('Register');
    await ada.heading('Home');
    await ada.look('home-empty');
  });

  step('2: an instance is added, tested first', async (at) => {
    await ada.follow('Instances');
    await ada.heading('Instances');
    await ada.look('instances-empty');
    await ada.press('Add instance');
    await ada.fill(/^Name/, 'Amazon Aurora MySQL');
    await ada.choose('Environment', 'Test');
    await ada.fill(/^Host/, at.host);
    await ada.fill(/^Port/, String(at.port));
    await ada.fill(/^User/, at.user);
    await ada.fill(/^Password/, at.password);
    await ada.press('Test connection');
    await ada.sees(/^Connected/);
    await ada.look('instance-tested');
    await ada.press('Create');
    await ada.heading('Amazon Aurora MySQL');
  });

  step('3: a project is made', async () => {
    await ada.follow('Projects');
    await ada.press('New Project');
    await ada.fill(/^Name/, 'TestAurora');
    await ada.fill(/^Key/, 'TAR');
    await ada.look('new-project');
    await ada.press('Create');
    await ada.heading('TestAurora');
    await ada.look('project-empty');
  });

  step('4: a database is made by an issue', async () => {
    await ada.follow('New DB');
    await ada.fill(/^Name/, 'db_demo');
    await ada.choose('Instance', /Amazon Aurora MySQL/);
    await ada.look('new-db');
    await ada.press('Create');
    await ada.heading('Create database db_demo');
    await ada.button('Resolve issue').waitFor();
    await ada.look('issue-new-db');
    await resolve();
  });

  step('5: the schema editor makes a table', async () => {
    await ada.follow('TestAurora');
    await ada.follow('Alter Schema');
    await ada.page.getByRole('checkbox', { name: 'db_demo' }).check();
    await ada.look('choose-database');
    await ada.press('Next');
    await ada.press('New table');
    await ada.fill(/^Table name/, 't1');
    await ada.fill('Type of id', 'int');
    await ada.page.keyboard.press('Escape');
    await ada.press('Add column');
    await ada.fill('Name of column 2', 'name');
    await ada.fill('Type of name', 'varchar(64)');
    await ada.page.keyboard.press('Escape');
    await ada.fill('Comment of name', 'what people call it');
    const ddl = ada.page.locator('.cm-content[aria-label="DDL"]');
    await ddl.getByText('CREATE TABLE').waitFor();
    await ddl.getByText('varchar(64)').waitFor();
    await ada.page
      .getByLabel('Review findings')
      .or(ada.page.getByText(/nothing to object/))
      .waitFor();
    await ada.look('schema-editor');
    await ada.press('Preview issue');
    await ada.look('preview-issue');
    await ada.press('Create');
    await ada.heading('Alter schema of db_demo');
    await ada.button('Run').or(ada.button('Resolve issue')).first().waitFor();
    await ada.look('issue-task-checks');
    await done();
    await resolve();
    await ada.look('issue-done');
    await ada.follow('View change');
    await ada.sees('Schema diff');
    await ada.page.locator('.diff .cm-content').nth(1).getByText('CREATE TABLE').waitFor();
    await ada.look('change-diff');
  });

  step('6: data is changed and queried', async (at) => {
    await ada.follow('Projects');
    await ada.follow('TestAurora');
    await ada.follow('Change Data');
    await ada.page.getByRole('checkbox', { name: 'db_demo' }).check();
    await ada.press('Next');
    await ada.write('Statement', "INSERT INTO\n  t1\nVALUES\n  (1, 'Adela');");
    await ada.look('change-data');
    await ada.press('Preview issue');
    // Nothing is kept, and the binary log has no rows: a rollback will be refused.
    at.sql("SET GLOBAL binlog_format = 'STATEMENT'");
    await ada.page.getByRole('switch', { name: 'SQL Rollback' }).setChecked(false);
    await ada.press('Create');
    await done();
    await resolve();
    await ada.look('issue-data-done');
    await ada.follow('SQL Editor');
    await ada.choose('Database', /db_demo/);
    await ada.write('Statement', 'SELECT * FROM t1;');
    await ada.press('Run');
    await ada.sees('Adela');
    await ada.look('sql-editor');
  });

  step('6: the editor shows plans, 100,000 rows, and what was there before a reload', async () => {
    await ada.press('Explain');
    await ada.page.getByRole('list', { name: 'Plan' }).waitFor();
    await ada.look('plan');
    const digits = Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} d`).join(
      ' UNION ALL ',
    );
    const text = `SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS n FROM ${['a', 'b', 'c', 'e', 'f'].map((name) => `(${digits}) ${name}`).join(', ')} ORDER BY n;`;
    await ada.press('New tab');
    await ada.choose('Database', /db_demo/);
    await ada.write('Statement', text);
    await ada.choose('Most rows', '100,000 rows');
    await ada.press('Run');
    await ada.sees(/^100,000 rows$/, 60);
    const grid = ada.page.getByRole('table', { name: 'Result' });
    await grid.evaluate((node) => node.scrollTo({ top: node.scrollHeight }));
    await grid.getByRole('cell', { name: '99999', exact: true }).waitFor();
    expect(await grid.getByRole('row').count()).toBeLessThan(100);
    await ada.look('many-rows');
    await ada.page.reload();
    await ada.page.locator('.cm-content[aria-label="Statement"]').getByText('ORDER').waitFor();
    expect(await ada.page.getByRole('tablist', { name: 'Queries' }).getByRole('tab').count()).toBe(
      2,
    );
    await ada.press('Close this tab');
  });

  step('6: a change in the editor is offered as an issue', async () => {
    ada.expected.push(/^422 .*\/sql$/);
    await ada.write('Statement', "UPDATE t1 SET name = 'Ada' WHERE id = 1;");
    await ada.press('Run');
    await ada.sees('This is a change');
    await ada.look('make-an-issue');
    await ada.follow('Make an issue');
    await ada.heading('Change data');
    await ada.page.locator('.cm-content[aria-label="Statement"]').getByText('UPDATE').waitFor();
    await ada.page
      .getByLabel('Review findings')
      .or(ada.page.getByText(/nothing to object/))
      .waitFor();
  });

  const query = async (sql: string) => {
    await ada.follow('SQL Editor');
    await ada.choose('Database', /db_demo/);
    await ada.write('Statement', sql);
    await ada.press('Run');
    await ada.page
      .getByRole('status')
      .filter({ hasText: /rows?$/ })
      .first()
      .waitFor();
  };
  const insert = async (row: string, rollback: boolean) => {
    await ada.follow('Projects');
    await ada.follow('TestAurora');
    await ada.follow('Change Data');
    await ada.page.getByRole('checkbox', { name: 'db_demo' }).check();
    await ada.press('Next');
    await ada.write('Statement', `INSERT INTO\n  t1\nVALUES\n  ${row};`);
    await ada.press('Preview issue');
    await ada.page.getByRole('switch', { name: 'SQL Rollback' }).setChecked(rollback);
    await ada.press('Create');
    await done();
  };

  step('7: a rollback is refused because of the binary log', async () => {
    await ada.follow('Issues');
    await ada.page.locator('main').getByText('Done', { exact: true }).click();
    await ada.follow('Change data of db_demo');
    await ada.page.getByRole('switch', { name: 'SQL Rollback' }).click();
    await ada.sees('It cannot be rolled back');
    await ada.sees(/binlog_format is STATEMENT/);
    await ada.look('rollback-refused');
  });

  step('7: the setting is mended, and looked at in admin mode', async (at) => {
    at.sql("SET GLOBAL binlog_format = 'ROW'");
    await ada.follow('SQL Editor');
    await ada.page.getByRole('switch', { name: 'Admin mode' }).click();
    await query("SHOW GLOBAL VARIABLES LIKE 'binlog_format';");
    await ada.sees('ROW');
    await ada.look('admin-mode');
    await ada.page.getByRole('switch', { name: 'Admin mode' }).click();
  });

  step('7: the next change is rolled back, with approval', async (at) => {
    await insert("(2, 'Bella')", true);
    await resolve();
    await ada.press('Preview rollback issue');
    await ada.page.getByRole('dialog').getByText('Bella').first().waitFor();
    await ada.look('rollback-preview');
    await ada.press('Create');
    await ada.heading(/^Roll back/);
    await ada.button('Approve').waitFor();
    await ada.sees('What it will do');
    await ada.look('rollback-to-approve');
    const issue = new URL(ada.page.url()).pathname;
    await query('SELECT * FROM t1;');
    await ada.sees('Bella');
    await ada.go(issue);
    await ada.press('Approve');
    await done();
    await resolve();
    await ada.look('rollback-done');
    await query('SELECT * FROM t1;');
    await ada.sees('Adela');
    await ada.page.getByText('Bella').first().waitFor({ state: 'detached' });
    expect(at.sql('SELECT name FROM db_demo.t1')).toEqual(['Adela']);
    await ada.go(issue);
  });

  step('7: the rollback is rolled back', async (at) => {
    await ada.press('Preview rollback issue');
    await ada.press('Create');
    await ada.sees(/^undoes issue/);
    await ada.button('Approve').waitFor();
    await ada.press('Approve');
    await done();
    await resolve();
    expect(at.sql('SELECT name FROM db_demo.t1 ORDER BY id')).toEqual(['Adela', 'Bella']);
  });

  step('8: a change in admin mode is drift', async () => {
    await ada.follow('SQL Editor');
    await ada.choose('Database', /db_demo/);
    await ada.page.getByRole('switch', { name: 'Admin mode' }).click();
    await ada.write('Statement', 'ALTER TABLE t1\nADD COLUMN age integer;');
    await ada.press('Run');
    await ada.sees(/rows were changed/);
    await ada.write(
      'Statement',
      "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_name = 't1';",
    );
    await ada.press('Run');
    await ada.page.getByRole('cell', { name: 'age' }).waitFor();
    await ada.follow('Anomaly Center');
    await ada.press('Scan now');
    const anomaly = ada.page.getByRole('link', { name: /^View diff:/ }).first();
    await anomaly.waitFor();
    await ada.look('anomalies');
    await anomaly.click();
    await ada.page.locator('.diff .cm-content').nth(1).getByText('age').first().waitFor();
    await ada.look('drift-diff');
  });

  step('8: a new baseline ends it', async () => {
    await ada.follow('db_demo');
    await ada.follow('View diff');
    await ada.follow('db_demo');
    await ada.look('database-drift');
    await ada.press('Establish new baseline');
    await ada.heading(/^New baseline/);
    await ada.look('baseline-issue');
    await done();
    await resolve();
    await ada.follow('Anomaly Center');
    await ada.sees('Nothing is out of order');
    await ada.press('Scan now');
    await ada.sees('Nothing is out of order');
    await ada.follow('Home');
    await ada.look('home');
    await ada.follow('Projects');
    await ada.follow('TestAurora');
    await ada.page.getByRole('tab', { name: 'Change history' }).click();
    await ada.page.locator('tbody tr').nth(2).waitFor();
    await ada.look('change-history');
  });
});
