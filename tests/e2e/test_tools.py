"""Migration tools, unchanged, through the gate: in Test their DDL runs and is recorded; in Prod it is reviewed, approved, and goes through when
the tool is run again. On both engines."""

import concurrent.futures
import os
import pathlib
import shutil
import subprocess

import pymysql
import pytest

import admin
import gated
import harness

PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's tools


@pytest.fixture
def gate(server, database, tmp_path):
    with admin.Workspace(tmp_path / "sluice") as workspace:
        found = gated.Gated(server, workspace)
        found.sync()
        for environment in ("Test", "Prod"):
            found.rules(environment)
        yield found


def need(program):
    if shutil.which(program) is None:
        pytest.skip(f"{program} cannot be had on this machine: ./dev test installs it")


LIQUIBASE = harness.HERE / "node/node_modules/liquibase/dist/liquibase"


def need_liquibase():
    need("java")
    if not LIQUIBASE.is_dir():
        pytest.skip("Liquibase cannot be had: run ./dev test, which installs it")


class Tool:
    """A tool in a folder of its own, run as an application's account on one of the gate's instances."""

    def __init__(self, gate, database, folder, instance="test"):
        self.gate, self.database, self.folder, self.endpoint = gate, database, folder, gate.at("app", instance)

    def write(self, name, text):
        path = pathlib.Path(self.folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self, command, **more):
        done = subprocess.run(command, cwd=self.folder, env=self.endpoint.environment(self.database, **more), capture_output=True, text=True,
                              timeout=harness.CLIENT_SECONDS, check=False)
        return done.returncode, done.stdout + done.stderr

    def works(self, command, **more):
        status, output = self.run(command, **more)
        assert status == 0, f"{command}: {output}\n{self.gate.w.explain()}"
        return output

    def until_approved(self, command, **more):
        """Runs it, has each change that it asks for approved by somebody else, and runs it again; how many were asked for."""
        for asked in range(20):
            status, output = self.run(command, **more)
            if status == 0:
                return asked
            issue = self.gate.issue_of(output)
            self.gate.approve(issue)
            self.gate.wait_for(issue, "done")
        raise AssertionError(f"it never came through: {output}")

    def url(self, scheme):
        user = self.endpoint.user.replace("@", "%40")
        password = self.endpoint.password.replace(" ", "%20")
        return f"{scheme}://{user}:{password}@127.0.0.1:{self.endpoint.port}/{self.database}"


def recorded(gate, database, *statements, instance="test"):
    """Each of these words is in an entry of the history, and the recorded schema is the live one."""
    texts = [e["statement"] for e in gate.history(database, instance)]
    for statement in statements:
        assert any(statement.lower() in t.lower() for t in texts), (statement, texts)
    gate.no_drift(database, instance)


def columns_of_orders(gate, database):
    rows = gate.server.sql(f"SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '{database}' AND TABLE_NAME = 'orders'")
    return {name for name, in rows}


def alembic(tool):
    tool.write("alembic.ini", "[alembic]\nscript_location = migrations\n")
    # A percent sign means something in alembic's own file, so the address comes from the environment.
    tool.write("migrations/env.py", "import os\nfrom alembic import context\nfrom sqlalchemy import create_engine\n"
               "engine = create_engine(os.environ['DB_URL'])\nwith engine.connect() as connection:\n"
               "    context.configure(connection=connection)\n    with context.begin_transaction():\n        context.run_migrations()\n")
    tool.write("migrations/versions/1_orders.py", "from alembic import op\nimport sqlalchemy as sa\nrevision = '1'\ndown_revision = None\n"
               "def upgrade():\n    op.create_table('orders', sa.Column('id', sa.Integer, primary_key=True), sa.Column('total', sa.Numeric(9, 2)))\n"
               "def downgrade():\n    op.drop_table('orders')\n")
    tool.write("migrations/versions/2_note.py", "from alembic import op\nimport sqlalchemy as sa\nrevision = '2'\ndown_revision = '1'\n"
               "def upgrade():\n    op.add_column('orders', sa.Column('note', sa.String(40)))\n    op.create_index('by_note', 'orders', ['note'])\n"
               "def downgrade():\n    op.drop_index('by_note', 'orders')\n    op.drop_column('orders', 'note')\n")
    return {"DB_URL": tool.url("mysql+pymysql")}


def test_alembic_in_test(gate, database, tmp_path):
    need("alembic")
    tool = Tool(gate, database, tmp_path)
    environment = alembic(tool)
    tool.works(["alembic", "upgrade", "head"], **environment)
    recorded(gate, database, "CREATE TABLE orders", "ADD COLUMN note", "CREATE INDEX by_note")
    tool.works(["alembic", "downgrade", "base"], **environment)
    recorded(gate, database, "DROP TABLE orders")


def test_alembic_in_prod(gate, database, tmp_path):
    need("alembic")
    tool = Tool(gate, database, tmp_path, "prod")
    # Its own table first, then each statement of the two migrations.
    assert tool.until_approved(["alembic", "upgrade", "head"], **alembic(tool)) >= 4
    assert columns_of_orders(gate, database) == {"id", "total", "note"}
    recorded(gate, database, "CREATE TABLE orders", "CREATE INDEX by_note", instance="prod")


def django(tool):
    endpoint = tool.endpoint
    tool.write("settings.py", "import pymysql\npymysql.version_info = (1, 4, 6, 'final', 0)\npymysql.install_as_MySQLdb()\n"
               f"SECRET_KEY = 'x'\nINSTALLED_APPS = ['shop']\nUSE_TZ = True\nDEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'\n"
               f"DATABASES = {{'default': {{'ENGINE': 'django.db.backends.mysql', 'NAME': {tool.database!r}, 'USER': {endpoint.user!r}, "
               f"'PASSWORD': {endpoint.password!r}, 'HOST': '127.0.0.1', 'PORT': {endpoint.port}}}}}\n")
    tool.write("shop/__init__.py", "")
    tool.write("shop/migrations/__init__.py", "")
    tool.write("shop/migrations/0001_initial.py", "from django.db import migrations, models\nclass Migration(migrations.Migration):\n"
               "    initial = True\n    dependencies = []\n    operations = [\n"
               "        migrations.CreateModel('Customer', [('id', models.BigAutoField(primary_key=True)), ('name', models.CharField(max_length=40, unique=True))]),\n"
               "        migrations.CreateModel('Order', [('id', models.BigAutoField(primary_key=True)), ('at', models.DateTimeField()),\n"
               "            ('customer', models.ForeignKey('shop.Customer', models.CASCADE))])]\n")
    tool.write("shop/migrations/0002_note.py", "from django.db import migrations, models\ndef fill(apps, schema_editor):\n"
               "    apps.get_model('shop', 'Customer').objects.create(name='first')\nclass Migration(migrations.Migration):\n"
               "    dependencies = [('shop', '0001_initial')]\n    operations = [\n"
               "        migrations.AddField('order', 'note', models.CharField(max_length=20, default='')), migrations.RunPython(fill, migrations.RunPython.noop),\n"
               "        migrations.RenameField('customer', 'name', 'label')]\n")
    return {"DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": str(tool.folder)}


def test_django_migrate_in_test(gate, database, tmp_path):
    need("django-admin")
    tool = Tool(gate, database, tmp_path)
    environment = django(tool)
    tool.works([PYTHON, "-m", "django", "migrate"], **environment)
    recorded(gate, database, "CREATE TABLE `shop_customer`", "ADD CONSTRAINT", "`note`", "label")
    assert gate.server.sql(f"SELECT label FROM {database}.shop_customer") == (("first",),)
    tool.works([PYTHON, "-m", "django", "migrate", "shop", "zero"], **environment)
    recorded(gate, database, "DROP TABLE `shop_order`")


def test_django_migrate_in_prod(gate, database, tmp_path):
    """Django repeats a migration that did not come through, rows and all: where each statement waits for a person, rows are a migration of their own."""
    need("django-admin")
    tool = Tool(gate, database, tmp_path, "prod")
    environment = django(tool)
    tool.write("shop/migrations/0002_note.py", "from django.db import migrations, models\nclass Migration(migrations.Migration):\n"
               "    dependencies = [('shop', '0001_initial')]\n    operations = [\n"
               "        migrations.AddField('order', 'note', models.CharField(max_length=20, null=True)),\n"
               "        migrations.RenameField('customer', 'name', 'label')]\n")
    tool.write("shop/migrations/0003_rows.py", "from django.db import migrations\ndef fill(apps, schema_editor):\n"
               "    apps.get_model('shop', 'Customer').objects.create(label='first')\nclass Migration(migrations.Migration):\n"
               "    dependencies = [('shop', '0002_note')]\n    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]\n")
    # Its own table, two tables, the key between them, a column, a name.
    assert tool.until_approved([PYTHON, "-m", "django", "migrate"], **environment) >= 6
    recorded(gate, database, "CREATE TABLE `shop_customer`", "ADD CONSTRAINT", "`note`", "label", instance="prod")
    assert gate.server.sql(f"SELECT label FROM {database}.shop_customer") == (("first",),)
    applied = gate.server.sql(f"SELECT name FROM {database}.django_migrations WHERE app = 'shop' ORDER BY id")
    assert [name for name, in applied] == ["0001_initial", "0002_note", "0003_rows"]


def active_record(tool):
    tool.write("migrate.rb", "require 'active_record'\nActiveRecord::Base.establish_connection(ENV.fetch('DB_URL'))\n"
               "migrations = ActiveRecord::MigrationContext.new('migrations', ActiveRecord::SchemaMigration)\n"
               "ARGV.first == 'down' ? migrations.migrate(0) : migrations.migrate\n")
    tool.write("migrations/1_orders.rb", "class Orders < ActiveRecord::Migration[6.1]\n  def change\n    create_table :orders do |t|\n"
               "      t.decimal :total, precision: 9, scale: 2\n      t.timestamps\n    end\n  end\nend\n")
    tool.write("migrations/2_note.rb", "class Note < ActiveRecord::Migration[6.1]\n  def change\n    add_column :orders, :note, :string, limit: 40\n"
               "    add_index :orders, :note\n  end\nend\n")
    return {"DB_URL": tool.url("mysql2")}


def test_active_record_in_test(gate, database, tmp_path):
    need("ruby")
    tool = Tool(gate, database, tmp_path)
    environment = active_record(tool)
    tool.works(["ruby", "migrate.rb"], **environment)
    recorded(gate, database, "CREATE TABLE `orders`", "ADD `note`", "index_orders_on_note")
    tool.works(["ruby", "migrate.rb", "down"], **environment)
    recorded(gate, database, "DROP TABLE `orders`")


def test_active_record_in_prod(gate, database, tmp_path):
    need("ruby")
    tool = Tool(gate, database, tmp_path, "prod")
    # Its two tables of its own, then each statement of the two migrations.
    assert tool.until_approved(["ruby", "migrate.rb"], **active_record(tool)) >= 5
    assert columns_of_orders(gate, database) == {"id", "total", "created_at", "updated_at", "note"}
    recorded(gate, database, "CREATE TABLE `orders`", "index_orders_on_note", instance="prod")


def liquibase(tool):
    tool.write("changes.sql", "--liquibase formatted sql\n\n--changeset shop:1\nCREATE TABLE orders (id INT PRIMARY KEY, total DECIMAL(9, 2));\n"
               "--rollback DROP TABLE orders;\n\n--changeset shop:2\nALTER TABLE orders ADD note VARCHAR(40);\nCREATE INDEX by_note ON orders (note);\n"
               "--rollback ALTER TABLE orders DROP COLUMN note;\n")
    endpoint, jars = tool.endpoint, LIQUIBASE / "internal/lib"
    # The driver of the tool's own package; user and password in the environment, as its manual says.
    url = f"jdbc:mariadb://127.0.0.1:{endpoint.port}/{tool.database}?allowPublicKeyRetrieval=true"
    return ["java", "-cp", f"{jars}/*:{LIQUIBASE}/liquibase.jar", "liquibase.integration.commandline.LiquibaseCommandLine", "--changelog-file=changes.sql",
            f"--url={url}"], {"LIQUIBASE_COMMAND_USERNAME": endpoint.user, "LIQUIBASE_COMMAND_PASSWORD": endpoint.password, "LIQUIBASE_ANALYTICS_ENABLED": "false"}


def test_liquibase_in_test(gate, database, tmp_path):
    need_liquibase()
    tool = Tool(gate, database, tmp_path)
    command, environment = liquibase(tool)
    tool.works([*command, "update"], **environment)
    recorded(gate, database, "CREATE TABLE orders", "ADD note", "CREATE INDEX by_note")
    tool.works([*command, "rollback-count", "2"], **environment)
    recorded(gate, database, "DROP TABLE orders")


def test_liquibase_in_prod(gate, database, tmp_path):
    need_liquibase()
    tool = Tool(gate, database, tmp_path, "prod")
    command, environment = liquibase(tool)
    # Its two tables of its own, then each statement of the two change sets.
    assert tool.until_approved([*command, "update"], **environment) >= 5
    assert columns_of_orders(gate, database) == {"id", "total", "note"}
    recorded(gate, database, "CREATE TABLE orders", "CREATE INDEX by_note", instance="prod")


def test_knex_in_test_and_prod(gate, database, tmp_path):
    if not (harness.HERE / "node/node_modules/knex").is_dir():
        pytest.skip("knex cannot be had: run ./dev test, which installs it")
    command = ["node", harness.HERE / "node/migrate.mjs"]
    tool = Tool(gate, database, tmp_path)
    tool.works([*command, "latest"])
    recorded(gate, database, "create table `orders`", "add `note`")
    tool.works([*command, "rollback"])
    gate.no_drift(database)
    # The same server under another name: what the tool keeps there of its own would be drift of that instance.
    gate.server.sql(f"DROP TABLE {database}.knex_migrations, {database}.knex_migrations_lock")
    tool = Tool(gate, database, tmp_path, "prod")
    assert tool.until_approved([*command, "latest"]) >= 2
    recorded(gate, database, "create table `orders`", "add `note`", instance="prod")


def sqitch(tool):
    client = shutil.which("mariadb")
    if tool.gate.server.engine == "mysql":  # sqitch sends `source`, which clients from 9.0 on take only when told so
        client = str(pathlib.Path(tool.folder) / "mysql")
        tool.write("mysql", f'#!/bin/sh\nexec {tool.endpoint.tools}/mysql --commands=1 "$@"\n')
        os.chmod(client, 0o755)
    tool.write("sqitch.conf", f"[core]\n\tengine = mysql\n[engine \"mysql\"]\n\tclient = {client}\n\tregistry = {tool.database}\n"
               "[user]\n\tname = Shop\n\temail = shop@example.org\n")
    tool.write("sqitch.plan", "%syntax-version=1.0.0\n%project=shop\n\n")
    return {"SQITCH_PASSWORD": tool.endpoint.password, "MYSQL_PWD": tool.endpoint.password, "TZ": "UTC", "USER": "shop"}


def sqitch_target(tool):
    user = tool.endpoint.user.replace("@", "%40")
    return f"db:mysql://{user}@127.0.0.1:{tool.endpoint.port}/{tool.database}"


def add_to_sqitch(tool, name, deploy, revert, verify, **environment):
    tool.works(["sqitch", "add", name, "-n", name], **environment)
    for what, text in (("deploy", deploy), ("revert", revert), ("verify", verify)):
        tool.write(f"{what}/{name}.sql", text)


def test_sqitch_in_test_and_prod(gate, database, tmp_path):
    need("sqitch")
    tool = Tool(gate, database, tmp_path)
    environment = sqitch(tool)
    add_to_sqitch(tool, "orders", "CREATE TABLE orders (id INT PRIMARY KEY, total INT);\nALTER TABLE orders ADD note VARCHAR(20);\n",
                  "DROP TABLE orders;\n", "SELECT id, note FROM orders WHERE 0;\n", **environment)
    tool.works(["sqitch", "deploy", "--verify", sqitch_target(tool)], **environment)
    recorded(gate, database, "CREATE TABLE orders", "ALTER TABLE orders ADD note")
    tool.works(["sqitch", "revert", "-y", sqitch_target(tool)], **environment)
    recorded(gate, database, "DROP TABLE orders")
    # In Prod with the registry there: sqitch takes a registry of which it made a part for a whole one.
    tool = Tool(gate, database, tmp_path, "prod")
    assert tool.until_approved(["sqitch", "deploy", "--verify", sqitch_target(tool)], **environment) == 2
    texts = [e["statement"] for e in gate.history(database, "prod")]
    assert "ALTER TABLE orders ADD note VARCHAR(20)" in texts[0] and "CREATE TABLE orders" in texts[1], texts
    assert gate.server.sql(f"SELECT COUNT(*) FROM {database}.changes") == ((1,),)


def pt_online_schema_change(gate, database, tool):
    gate.server.sql(f"CREATE TABLE {database}.orders (id INT AUTO_INCREMENT PRIMARY KEY, total INT);"
                    f"INSERT INTO {database}.orders (total) VALUES {','.join('(1)' for _ in range(3000))}")
    gate.w.post(f"/api/v1/databases/{gate.database(database)['id']}/scan", {}, expect=200)
    dsn = f"h=127.0.0.1,P={tool.endpoint.port},u={tool.endpoint.user},D={database},t=orders"
    return ["pt-online-schema-change", "--alter", "ADD COLUMN note VARCHAR(20)", "--execute", "--recursion-method=none", "--no-version-check",
            "--no-check-replication-filters", "--no-check-plan", "--charset=utf8mb4", "--password", tool.endpoint.password, dsn]


def copied(gate, database, instance):
    assert gate.server.sql(f"SELECT COUNT(*), COUNT(note) FROM {database}.orders") == ((3000, 0),)
    texts = [e["statement"] for e in gate.history(database, instance)]
    for words in ("_orders_new", "CREATE TRIGGER", "RENAME TABLE", "DROP TABLE"):
        assert any(words in t for t in texts), (words, texts)


def test_pt_online_schema_change_in_test(gate, database, tmp_path):
    need("pt-online-schema-change")
    tool = Tool(gate, database, tmp_path)
    tool.works(pt_online_schema_change(gate, database, tool))
    copied(gate, database, "test")


def test_pt_online_schema_change_in_prod_where_changes_are_held(gate, database, tmp_path):
    """Refused at its first step it would tidy up, which is a change again: it waits for each approval instead."""
    need("pt-online-schema-change")
    gate.gate("Prod", service={"ddl": "hold"}, hold_seconds=120)
    tool = Tool(gate, database, tmp_path, "prod")
    command = pt_online_schema_change(gate, database, tool)
    approved = []
    with concurrent.futures.ThreadPoolExecutor() as pool:
        runs = pool.submit(tool.run, command)

        def approve_next():
            for issue in gate.w.get("/api/v1/issues?status=open")["items"]:
                if issue["id"] not in approved:
                    gate.approve(issue["id"])
                    approved.append(issue["id"])
            return runs.done()

        harness.wait_for(approve_next, "the tool to end", gate.w.explain)
        status, output = runs.result(1)
    assert status == 0, output
    # A new table, its column, three triggers, the exchange, the old table, the triggers again.
    assert len(approved) >= 7, approved
    copied(gate, database, "prod")


def dump_of(server, database, *options):
    dump = f"{server.tools}/mysqldump" if server.engine == "mysql" else shutil.which("mariadb-dump")
    command = [dump, "--host", server.host, f"--port={server.port}", f"--user={server.root_user}", "--routines", "--triggers", *options, database]
    if server.engine == "mysql":
        command.insert(1, "--set-gtid-purged=OFF")
    return subprocess.run(command, env={**os.environ, "MYSQL_PWD": server.root_password}, capture_output=True, text=True, timeout=60, check=True).stdout


def test_a_dump_is_restored(gate, database, tmp_path):
    """mysqldump's file, with its routines and triggers, through the client that people restore with."""
    server = gate.server
    gate.sql("app", "test", "CREATE TABLE t (id INT PRIMARY KEY, n INT)", database)
    gate.sql("app", "test", "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.n = NEW.id", database)
    gate.sql("app", "test", "CREATE PROCEDURE p() BEGIN SELECT COUNT(*) FROM t; END", database)
    server.sql(f"INSERT INTO {database}.t (id) VALUES (1), (2)")
    text = dump_of(server, database)
    other = database + "_back"
    server.sql(f"DROP DATABASE IF EXISTS {other}; CREATE DATABASE {other}")
    try:
        _, errors = gate.client("app", "test", text, other)
        assert "ERROR" not in errors, errors
        assert server.sql(f"SELECT id, n FROM {other}.t") == ((1, 1), (2, 2))
        gate.no_drift(other)
        assert any("CREATE" in e["statement"] and "PROCEDURE" in e["statement"] for e in gate.history(other))
    finally:
        server.sql(f"DROP DATABASE IF EXISTS {other}")


def test_a_dump_is_restored_as_one_issue_in_prod(gate, database, tmp_path):
    """Between begin() and submit(), by a person's account: tables, rows and programs are collected, reviewed together and run in order."""
    server = gate.server
    with pymysql.connect(host=server.host, port=server.port, user=server.root_user, password=server.root_password, database=database,
                         autocommit=True) as connection, connection.cursor() as cursor:
        for statement in ("CREATE TABLE t (id INT PRIMARY KEY, n INT)", "INSERT INTO t VALUES (1, 1), (2, 2)",
                          "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.n = NEW.id + 1; END",
                          "CREATE PROCEDURE p() BEGIN SELECT COUNT(*) FROM t; END"):
            cursor.execute(statement)
    # LOCK TABLES would pass at once, before its table is there.
    text = dump_of(server, database, "--skip-add-locks")
    other = database + "_back"
    server.sql(f"DROP DATABASE IF EXISTS {other}; CREATE DATABASE {other}")
    try:
        text = f"CALL sluice.begin('restore');\n{text}\nCALL sluice.submit();\n"
        output, errors = gate.client("ada", "prod", text, other)
        assert "ERROR" not in errors, errors
        assert server.sql(f"SHOW TABLES IN {other}") == ()
        issue = gate.issue_of(output)
        gate.approve(issue)
        gate.wait_for(issue, "done")
        assert server.sql(f"SELECT id, n FROM {other}.t") == ((1, 1), (2, 2))
        assert len(server.sql(f"SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '{other}'")) == 1
        gate.no_drift(other, "prod")
    finally:
        server.sql(f"DROP DATABASE IF EXISTS {other}")
