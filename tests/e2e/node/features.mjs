// mysql2 for Node: text and prepared statements, pools, streaming, attributes. Prints `feature<TAB>outcome`.
import mysql from 'mysql2/promise';
import callbacks from 'mysql2';

const env = process.env;
const where = {
  host: env.DB_HOST, port: Number(env.DB_PORT), user: env.DB_USER, password: env.DB_PASSWORD, database: env.DB_NAME,
  supportBigNumbers: true, dateStrings: true,
};

async function feature(name, action) {
  let outcome;
  try {
    outcome = JSON.stringify(await action());
  } catch (error) {
    outcome = `error ${error.code} ${error.errno} ${error.sqlState} ${error.sqlMessage ?? ''}`;
  }
  console.log(`${name}\t${outcome}`.slice(0, 2000));
}

const types = (fields) => (fields ?? []).map?.((field) => [field.name, field.columnType, field.flags]);
const c = await mysql.createConnection(where);

await feature('text', async () => {
  await c.query('CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(50), d DATETIME(3), j JSON, b LONGBLOB)');
  await c.query('INSERT INTO t VALUES (1, ?, ?, ?, ?)', ['grün', '2026-01-02 03:04:05.678', '{"a":1}', Buffer.from([0, 255, 39])]);
  const [rows, fields] = await c.query('SELECT * FROM t');
  return [rows, types(fields)];
});
await feature('prepared', async () => {
  await c.execute('INSERT INTO t VALUES (?, ?, ?, ?, ?)', [2, 'b', '2026-02-03 04:05:06', '[1]', Buffer.alloc(70000, 'q')]);
  const found = [];
  for (const id of [1, 2, 3]) found.push((await c.execute('SELECT id, s, d, j, LENGTH(b) AS l FROM t WHERE id = ?', [id]))[0]);
  return found;
});
await feature('refused: prepare of a bad text', () => c.execute('SELECT FROM'));
await feature('refused: duplicate key in a prepared statement', () => c.execute('INSERT INTO t (id) VALUES (?)', [1]));
await feature('unprepare', async () => {
  c.unprepare('SELECT ? + 1 AS n');
  const statement = await c.prepare('SELECT ? + 1 AS n');
  const [rows] = await statement.execute([41]);
  await statement.close();
  return rows;
});
await feature('transaction', async () => {
  await c.beginTransaction();
  await c.query('DELETE FROM t');
  await c.rollback();
  return (await c.query('SELECT COUNT(*) AS n FROM t'))[0];
});
await feature('multi-statements', async () => {
  const several = await mysql.createConnection({ ...where, multipleStatements: true });
  const [rows] = await several.query('SELECT 1 AS a; UPDATE t SET s = s; SELECT 2 AS b');
  await several.end();
  return rows;
});
await feature('streamed', () => new Promise((resolve, reject) => {
  const raw = callbacks.createConnection(where);
  let count = 0;
  raw.query('WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT a.i, REPEAT("x", 200) FROM n a, n b LIMIT 20000')
    .stream({ highWaterMark: 5 }).on('data', () => { count += 1; }).on('error', reject).on('end', () => { raw.end(); resolve(count); });
}));
await feature('pipelined', async () => {
  const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => c.query(`SELECT ${i} AS i`)));
  return answers.map(([rows]) => rows[0].i);
});
await feature('pool', async () => {
  const pool = mysql.createPool({ ...where, connectionLimit: 5 });
  const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => pool.execute('SELECT ? AS i', [i])));
  await pool.end();
  return answers.map(([rows]) => Number(rows[0].i));
});
await feature('compressed', async () => {
  const small = await mysql.createConnection({ ...where, compress: true });
  const [rows] = await small.query('SELECT LENGTH(REPEAT("y", 300000)) AS n, REPEAT("z", 50000) AS z');
  await small.end();
  return [rows[0].n, rows[0].z.length];
});
await feature('TLS', async () => {
  const safe = await mysql.createConnection({ ...where, ssl: { rejectUnauthorized: false } });
  const [rows] = await safe.query('SELECT 1 AS one');
  await safe.end();
  return rows;
});
await feature('change user', async () => {
  await c.changeUser({ user: env.DB_USER, password: env.DB_PASSWORD, database: env.DB_NAME });
  return (await c.query('SELECT DATABASE() AS d'))[0];
});
await feature('refused: wrong password', () => mysql.createConnection({ ...where, password: 'wrong' }));
await feature('big parameters', async () => (await c.execute('SELECT LENGTH(?) AS n', ['w'.repeat(5_000_000)]))[0]);
await feature('reset', async () => {
  await c.query('SET @v = 1');
  await c.reset?.();
  return (await c.query('SELECT 1 AS alive'))[0];
});
await c.end();
