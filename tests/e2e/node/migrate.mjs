// knex: two migrations up, one down. The migrations are in this file, as a migration source.
import knex from 'knex';

const migrations = [
  {
    name: '001_orders',
    up: (db) =>
      db.schema.createTable('orders', (table) => {
        table.increments('id');
        table.string('customer', 40).notNullable().index();
        table.decimal('total', 9, 2);
      }),
    down: (db) => db.schema.dropTable('orders'),
  },
  {
    name: '002_note',
    up: (db) => db.schema.alterTable('orders', (table) => table.string('note', 100)),
    down: (db) => db.schema.alterTable('orders', (table) => table.dropColumn('note')),
  },
];

const source = {
  getMigrations: async () => migrations,
  getMigrationName: (migration) => migration.name,
  getMigration: async (migration) => migration,
};
const db = knex({
  client: 'mysql2',
  connection: {
    host: process.env.DB_HOST,
    port: Number(process.env.DB_PORT),
    user: process.env.DB_USER,
    password: process.env.DB_PASSWORD,
    database: process.env.DB_NAME,
  },
  pool: { min: 1, max: 1 },
  migrations: { migrationSource: source },
});
try {
  await db.migrate[process.argv[2]]();
} catch (error) {
  console.error(error.sqlMessage ?? error.message);
  process.exitCode = 1;
} finally {
  await db.destroy();
}
