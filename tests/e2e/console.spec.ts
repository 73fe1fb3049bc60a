// What a team does in the console beside the tutorial: settings, forms of the Schema Editor, a running
// task, a rollback with conflicts, drift that is adopted or reverted, frozen databases, break-glass,
// live connections and what they changed. What concerns no database server walks once, on MySQL.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { openBrowser, Person } from './console/browser';
import { engines, startServer, until, Workspace, type Server } from './console/servers';
import { openShop, password, type Shop } from './console/shop';
import { steps } from './console/steps';

describe.each(engines)('the console on %s', (engine) => {
  let server: Server | null = null;
  let browser: Browser;
  let ada: Person;
  let shop: Shop;
  const workspace = new Workspace();

  beforeAll(async () => {
    server = startServer(engine);
    if (server === null) return;
    server.sql('DROP DATABASE IF EXISTS shop; CREATE DATABASE shop CHARACTER SET utf8mb4');
    await workspace.start();
    shop = await openShop(workspace, server, 'Test');
    browser = await openBrowser();
    ada = await Person.open(browser, workspace.url, `console-${engine}`);
    await ada.enter('ada@example.org', password);
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
  const once: typeof step = (name, walk) => {
    if (engine === 'mysql') step(name, walk);
  };

  const at = (user: string) => ({
    port: workspace.mysqlPort,
    user,
    password,
    database: 'shop',
  });

  const resolve = async () => {
    const run = ada.button('Run');
    await run.or(ada.button('Resolve issue')).first().waitFor();
    if (await run.isVisible()) await run.click();
    await ada.press('Resolve issue');
    await ada.page.locator('main').getByText('done', { exact: true }).first().waitFor();
  };

  /** Of an issue that only waits for a person. */
  const approve = async () => {
    await ada.press('Approve');
    await ada.button('Approve').waitFor({ state: 'hidden' });
    await resolve();
  };

  once('who uses the keyboard sees where they are', async () => {
    for (const path of ['/', '/environments/1', '/profile', '/settings', '/undo', '/users']) {
      await ada.go(path);
      await ada.page.locator('main h1').waitFor();
      await ada.page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
      const { reached, unseen } = await ada.reach(60);
      expect(unseen, path).toEqual([]);
      expect(reached, path).toBeGreaterThan(15);
    }
  });

  once('a token is made, works, and works no more once it is deleted', async () => {
    await ada.go('/profile');
    const label = ada.page.getByRole('textbox', { name: 'Name' });
    await label.last().fill('pipeline');
    await ada.choose('Ends after', '30 days');
    await ada.press('Create token');
    await ada.sees('Copy it now');
    const token = (await ada.page.locator('main code').first().textContent()) ?? '';
    const me = () =>
      fetch(`${workspace.url}/api/v1/me`, {
        headers: { Authorization: `Bearer ${token}` },
      });
    expect((await me()).status).toBe(200);
    await ada.press('Delete token pipeline');
    await ada.sees('No token yet');
    expect((await me()).status).toBe(401);
    await label.first().fill('Ada L.');
    await ada.press('Save');
    await ada.button('Account of Ada L.').waitFor();
  });

  once('settings of the workspace are changed, and what cannot be is said', async () => {
    await ada.follow('Settings');
    await ada.fill('Workspace name', 'The shop');
    await ada.fill('Public URL', 'shop.example.org');
    await ada.fill('Shortest password', '70');
    await ada.fill('Hours of a session', '0');
    ada.expected.push(/^400 .*\/settings$/);
    await ada.press('Save');
    await ada.sees(/expected http:/);
    await ada.sees(/from 8 to 64/);
    await ada.sees(/from 1 to 8760/);
    await ada.look('settings-refused');
    await ada.fill('Public URL', 'https://sluice.example.org/');
    await ada.fill('Shortest password', '16');
    await ada.fill('Hours of a session', '8');
    await ada.press('Save');
    await ada.page.getByRole('banner').getByText('The shop').waitFor();
    expect(await ada.page.getByLabel('Public URL').inputValue()).toBe('https://sluice.example.org');
    const session = await fetch(`${workspace.url}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email: 'ada@example.org', password }),
    });
    expect(session.headers.get('set-cookie')).toMatch(/Max-Age=28800/);
    await ada.follow('Users');
    await ada.press('Add user');
    await ada.fill(/^Name/, 'Bob');
    await ada.fill(/^Email/, 'bob@example.org');
    await ada.fill(/^Password/, 'fifteen letters');
    ada.expected.push(/^400 .*\/users$/);
    await ada.press('Create');
    await ada.sees(/at least 16 bytes/);
    await ada.fill(/^Password/, password);
    await ada.press('Create');
    await ada.closed();
    await ada.press('Edit Bob');
    await ada.fill(/^Name/, 'Bob K.');
    await ada.press('Save');
    await ada.button('Edit Bob K.').waitFor();
  });

  once('a project, its members and a database are changed', async () => {
    await ada.go(`/projects/${shop.project}?tab=members`);
    await ada.choose('Add a person', /Bob/);
    await ada.press('Add as developer');
    await ada.press('Remove Bob K.');
    await ada.page.getByRole('dialog').waitFor();
    await ada.press('Remove');
    await ada.closed();
    await ada.sees('No members yet');
    await ada.press('More of the project');
    await ada.page.getByRole('menuitem', { name: 'Edit project' }).click();
    await ada.fill(/^Name/, 'Web shop');
    await ada.press('Save');
    await ada.closed();
    await ada.heading('Web shop');
    await ada.follow('Databases');
    await ada.page.getByRole('textbox', { name: 'Filter' }).fill('web shop');
    await ada.follow('shop');
    await ada.press('Labels');
    await ada.page.getByRole('dialog').getByLabel('Labels', { exact: true }).fill('region=eu');
    await ada.page.keyboard.press('Enter');
    await ada.press('Save');
    await ada.sees('region=eu');
  });

  once('environments are ordered by mouse and by keyboard', async () => {
    await ada.follow('Environments');
    const rows = ada.page.locator('tbody tr');
    const first = (name: string) => rows.first().getByRole('link', { name }).waitFor();
    await rows.nth(1).dragTo(rows.nth(0));
    await first('Prod');
    // Once it is kept, no answer on its way shows another order and takes the focus away.
    await until('the order', async () => {
      const list = (await workspace.api(shop.owner, 'GET', '/environments')) as {
        items: { name: string; order: number }[];
      };
      return list.items.every(({ name, order }) => order === (name === 'Prod' ? 0 : 1));
    });
    await ada.button('Move Prod down').press('Enter');
    await first('Test');
  });

  step('the Schema Editor makes indexes and foreign keys', async (db) => {
    await ada.go(`/projects/${shop.project}/new?type=schema.update&database=${shop.database}`);
    // While a field is still empty the server says so.
    ada.expected.push(/^400 .*\/diff$/);
    await ada.press('New table');
    await ada.fill(/^Table name/, 'item');
    await ada.fill('Type of id', 'int');
    await ada.press('Add column');
    await ada.fill('Name of column 2', 'name');
    await ada.fill('Type of name', 'varchar(200)');
    await ada.page.keyboard.press('Escape');
    await ada.page.getByRole('tab', { name: /^Indexes/ }).click();
    await ada.press('Add index');
    await ada.fill('Name of index 2', 'by_name');
    await ada.choose('Kind of by_name', 'unique');
    await ada.choose('Add a column to by_name', 'name');
    await ada.fill('Prefix length of name in by_name', '20');
    await ada.page.getByLabel('name is descending in by_name').check();
    await ada.press('New table');
    await ada.fill(/^Table name/, 'line');
    await ada.fill('Type of id', 'int');
    await ada.press('Add column');
    await ada.fill('Name of column 2', 'item');
    await ada.fill('Type of item', 'int');
    await ada.page.keyboard.press('Escape');
    await ada.page.getByRole('tab', { name: /^Foreign keys/ }).click();
    await ada.press('Add foreign key');
    await ada.fill('Name', 'line_item');
    const keys = ada.page.getByRole('tabpanel', { name: /^Foreign keys/ });
    await keys.getByLabel('Columns', { exact: true }).first().click();
    await ada.page.getByRole('option', { name: 'item' }).click();
    await ada.page.keyboard.press('Escape');
    await ada.fill('Refers to table', 'item');
    await ada.page.keyboard.press('Escape');
    await ada.fill('Its columns', 'id');
    await ada.page.keyboard.press('Enter');
    await ada.choose('ON DELETE', 'CASCADE');
    const ddl = ada.page.locator('.cm-content[aria-label="DDL"]');
    await ddl.getByText('ON DELETE CASCADE').waitFor();
    await ada.look('foreign-key');
    await ada.press('Preview issue');
    await ada.press('Create');
    await resolve();
    const made = (table: string) => db.sql(`SHOW CREATE TABLE shop.${table}`).join('');
    expect(made('item')).toMatch(/UNIQUE KEY `by_name` \(`name`\(20\) DESC\)/);
    expect(made('line')).toMatch(
      /`line_item` FOREIGN KEY \(`item`\) REFERENCES `item` \(`id`\) ON DELETE CASCADE/,
    );
  });

  step('a running task is followed: statement, rows, and what its server waits for', async (db) => {
    const blocker = db.talk({
      ...at(db.user),
      port: db.port,
      password: db.password,
    });
    blocker.say('LOCK TABLES item READ; SELECT 1;');
    await until(
      'the lock',
      () => db.sql('SHOW OPEN TABLES FROM shop WHERE `Table` = "item" AND In_use > 0').length > 0,
    );
    const issue = await shop.post('/issues', {
      project: shop.project,
      type: 'schema.update',
      title: 'Two columns',
      statement:
        'ALTER TABLE line ADD amount int NOT NULL DEFAULT 1;\nALTER TABLE item ADD price int NOT NULL DEFAULT 0;',
      targets: [{ database: shop.database }],
    });
    await ada.go(`/issues/${issue.id}`);
    const run = ada.button('Run');
    const progress = ada.page.getByRole('status', { name: 'Progress' });
    await run.or(progress).first().waitFor();
    if (await run.isVisible()) await run.click();
    await progress.getByText('Statement 2 of 2').waitFor();
    await progress.getByText(/Waiting for table metadata lock/).waitFor();
    await ada.look('progress');
    blocker.close();
    await resolve();
  });

  step('a rollback meets rows that were changed since, and leaves them', async (db) => {
    db.sql("INSERT INTO shop.item (id, name) VALUES (1, 'cup'), (2, 'jug'), (3, 'pot')");
    const issue = await shop.post('/issues', {
      project: shop.project,
      type: 'data.update',
      title: 'All for nine',
      statement: 'UPDATE item SET price = 9 WHERE id < 4;',
      rollback: true,
      targets: [{ database: shop.database }],
    });
    await ada.go(`/issues/${issue.id}`);
    await resolve();
    db.sql('UPDATE shop.item SET price = 5 WHERE id = 2');
    await ada.press('Preview rollback issue');
    const dialog = ada.page.getByRole('dialog');
    await dialog.getByText('1 row was changed since').waitFor();
    await dialog.getByRole('table', { name: 'Conflicts' }).waitFor();
    await ada.look('rollback-conflict');
    await dialog.getByRole('radio', { name: /^Leave them/ }).check();
    await ada.press('Create');
    await ada.heading(/^Roll back/);
    await approve();
    expect(db.sql('SELECT price FROM shop.item ORDER BY id')).toEqual(['0', '5', '0']);
  });

  const drift = async (name: string) => {
    await ada.follow('Anomaly Center');
    await ada.press('Scan now');
    await ada.follow(/^View diff:/);
    await ada.page.locator('.diff .cm-content').nth(1).getByText(name).first().waitFor();
  };

  step('a drift is adopted, another is reverted', async (db) => {
    db.sql('ALTER TABLE shop.item ADD kept int');
    await drift('kept');
    await ada.press('Adopt');
    await ada.page.waitForURL(/\/issues\/\d+$/);
    await resolve();
    db.sql('ALTER TABLE shop.item ADD gone int');
    await drift('gone');
    await ada.press('Revert');
    await ada.page.waitForURL(/\/issues\/\d+$/);
    await ada.page.locator('.cm-content').getByText('DROP COLUMN').waitFor();
    await resolve();
    await ada.follow('Anomaly Center');
    await ada.sees('Nothing is out of order');
    const columns = db.sql(
      "SELECT column_name FROM information_schema.columns WHERE table_schema = 'shop' AND table_name = 'item' ORDER BY ordinal_position",
    );
    expect(columns).toEqual(['id', 'name', 'price', 'kept']);
  });

  step('a frozen database takes no change, and says why', async (db) => {
    await shop.post('/accounts', { name: 'app', password, kind: 'service' });
    await ada.go(`/databases/${shop.database}`);
    await ada.press('Freeze');
    await ada.fill(/^Reason/, 'Stock-taking');
    await ada.press('Freeze');
    await ada.closed();
    await ada.sees('The database is frozen');
    await ada.look('frozen');
    const refused = db.client(at('app'), 'UPDATE item SET price = 1 WHERE id = 1');
    expect(refused.err).toMatch(/ERROR 1105 .*Stock-taking/);
    await ada.press('Thaw');
    await ada.page.getByRole('dialog').waitFor();
    await ada.press('Thaw');
    await ada.closed();
    await ada.button('Freeze').waitFor();
    expect(db.client(at('app'), 'UPDATE item SET price = 1 WHERE id = 1')).toMatchObject({
      status: 0,
    });
  });

  step('the glass is broken, and what ran waits to be looked at', async (db) => {
    await ada.follow('Accounts');
    await ada.press('Edit app');
    await ada.page.getByRole('switch', { name: 'May break the glass' }).click();
    await ada.press('Save');
    await ada.closed();
    await ada.sees('may break the glass');
    await ada.go('/environments/1');
    await ada.choose('ddl of service accounts', 'review');
    await ada.choose('dml of service accounts', 'record');
    await ada.press('Save');
    await ada.sees('Saved.');
    const ddl = 'ALTER TABLE line ADD fixed int;';
    expect(db.client(at('app'), ddl).err).toMatch(
      engine === 'mysql'
        ? /needs review.*https:\/\/sluice\.example\.org\/issues\//
        : /needs review.*\/issues\//,
    );
    const broke = db.client(at('app'), `CALL sluice.break_glass('the shop is down'); ${ddl}`);
    expect(broke).toMatchObject({ status: 0 });
    await ada.follow('Issues');
    await ada.follow(/^Break-glass/);
    await ada.sees(/the shop is down/);
    await ada.look('break-glass');
  });

  step('a live connection is seen, and ended', async (db) => {
    const session = db.talk(at('app'));
    session.say('SELECT SLEEP(600);');
    await ada.follow('Activity');
    const row = ada.page.locator('tbody tr').filter({ hasText: 'app' });
    await row.getByText('busy').waitFor();
    await ada.look('connection');
    await ada.press(/^End connection/);
    await ada.page.getByRole('dialog').waitFor();
    await ada.press('End it');
    const { status } = await session.ended;
    expect(status === 0).toBe(false);
    await ada.sees('Nobody is connected');
  });

  step('what an account changed is undone', async (db) => {
    const session = db.talk(at('app'));
    session.say(
      'UPDATE item SET price = 77 WHERE id IN (1, 3); INSERT INTO line (item) VALUES (1);',
    );
    await until('the rows', () => db.sql('SELECT COUNT(*) FROM shop.line')[0] === '1');
    await ada.go('/connections');
    await ada.page.getByRole('link', { name: /^Undo changes of connection/ }).click();
    await ada.heading('Undo changes');
    session.close();
    await session.ended;
    await ada.press('Preview');
    await ada.page.getByRole('table', { name: 'Rows before and after' }).waitFor();
    await ada.look('undo');
    await ada.press('Create');
    await ada.page.waitForURL(/\/issues\/\d+$/);
    await approve();
    expect(db.sql('SELECT COUNT(*) FROM shop.line')).toEqual(['0']);
    expect(db.sql('SELECT id, price FROM shop.item ORDER BY id')).toEqual(['1\t1', '2\t5', '3\t0']);
    // One entry of the history, from its own page.
    await ada.go(`/databases/${shop.database}`);
    await ada.page
      .locator('tbody tr')
      .filter({ hasText: 'Rollback' })
      .first()
      .getByRole('link')
      .click();
    await ada.press('Undo this change');
    await ada.page
      .getByRole('dialog')
      .getByText(/No row was changed since/)
      .waitFor();
    await ada.look('undo-change');
  });

  step('a statement of the SQL Editor is cancelled: by button, by key, by leaving', async (db) => {
    const running = () =>
      db.sql(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP(600)%'",
      )[0];
    const ends: [string, () => Promise<void>][] = [
      ['button', () => ada.press('Cancel')],
      ['key', () => ada.page.keyboard.press('Escape')],
      ['leaving', () => ada.follow('Home')],
    ];
    for (const [how, end] of ends) {
      await ada.go('/sql');
      if (how === 'button') await ada.choose('Database', /^shop on/);
      await ada.write('Statement', 'SELECT SLEEP(600)');
      await ada.press('Run');
      await ada.page.getByRole('status').getByText('The statement runs.').waitFor();
      await until('the statement', () => running() === '1');
      if (how === 'button') await ada.look('running');
      await end();
      if (how !== 'leaving') await ada.page.getByRole('alert').getByText('Cancelled').waitFor();
      await until('the end of the statement', () => running() === '0');
    }
  });
});
