<?php
// mysqlnd (PHP): mysqli and PDO; cursors, long data, OUT parameters, asynchronous queries. Prints `feature<TAB>outcome`.
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
ini_set('precision', '17');

function feature(string $name, callable $action): void {
  try {
    $outcome = json_encode($action(), JSON_UNESCAPED_UNICODE | JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_THROW_ON_ERROR);
  } catch (mysqli_sql_exception $e) {
    $outcome = "error {$e->getCode()} {$e->getSqlState()} {$e->getMessage()}";
  } catch (PDOException $e) {
    $outcome = 'error ' . json_encode($e->errorInfo) . $e->getMessage();
  }
  echo substr("$name\t$outcome", 0, 2000), "\n";
}

function open(int $flags = 0, array $more = []): mysqli {
  $c = mysqli_init();
  $c->options(MYSQLI_OPT_LOCAL_INFILE, 1);
  $c->real_connect(getenv('DB_HOST'), $more['user'] ?? getenv('DB_USER'), $more['password'] ?? getenv('DB_PASSWORD'),
    $more['db'] ?? getenv('DB_NAME'), (int)getenv('DB_PORT'), null, $flags);
  return $c;
}
function rows(mysqli $c, string $sql) { $r = $c->query($sql); return is_bool($r) ? [$r, $c->affected_rows, $c->info] : $r->fetch_all(); }

$c = open();
feature('identity', fn() => [$c->server_info, rows($c, 'SELECT VERSION(), CONNECTION_ID() = ' . $c->thread_id . ' AS same')]);
feature('create', fn() => rows($c, 'CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(40), b LONGBLOB, f DOUBLE, d DATETIME(6), u BIGINT UNSIGNED)'));
feature('prepared insert', function () use ($c) {
  $s = $c->prepare('INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)');
  [$id, $text, $blob, $f, $d, $u] = [1, 'grün', "\0\xff'", 2.5, '2026-01-02 03:04:05.000006', '18446744073709551615'];
  $s->bind_param('issdss', $id, $text, $blob, $f, $d, $u);
  $s->execute();
  $id = 2; $text = null;
  $s->execute();
  return [$s->affected_rows, $s->param_count];
});
feature('long data', function () use ($c) {
  $s = $c->prepare('INSERT INTO t (id, b) VALUES (?, ?)');
  $id = 3; $blob = null;
  $s->bind_param('ib', $id, $blob);
  for ($i = 0; $i < 40; $i++) $s->send_long_data(1, str_repeat(chr(65 + $i % 26), 100000));
  $s->execute();
  return rows($c, 'SELECT id, LENGTH(b), CRC32(b) FROM t WHERE id = 3');
});
feature('long data, then reset', function () use ($c) {
  $s = $c->prepare('SELECT LENGTH(?)');
  $blob = null;
  $s->bind_param('b', $blob);
  $s->send_long_data(0, 'abc');
  $s->reset();
  $s->send_long_data(0, 'abcdef');
  $s->execute();
  return $s->get_result()->fetch_all();
});
feature('prepared select', function () use ($c) {
  $s = $c->prepare('SELECT id, s, f, d, u FROM t WHERE id < ? ORDER BY id');
  $limit = 3;
  $s->bind_param('i', $limit);
  $s->execute();
  $r = $s->get_result();
  return [$r->fetch_all(), array_map(fn($f) => [$f->name, $f->type, $f->flags, $f->length], $r->fetch_fields())];
});
feature('cursor', function () use ($c) {
  $s = $c->prepare('SELECT a.id, b.id FROM t a, t b, t x ORDER BY 1, 2');
  $s->attr_set(MYSQLI_STMT_ATTR_CURSOR_TYPE, MYSQLI_CURSOR_TYPE_READ_ONLY);
  $s->execute();
  $s->bind_result($x, $y);
  $found = [];
  while ($s->fetch()) $found[] = [$x, $y];
  $s->close();
  return [count($found), $found[0], end($found), rows($c, "SELECT 'after'")];
});
feature('two cursors at once', function () use ($c) {
  [$a, $b] = [$c->prepare('SELECT id FROM t ORDER BY id'), $c->prepare('SELECT id FROM t ORDER BY id DESC')];
  $found = [];
  foreach ([$a, $b] as $s) { $s->attr_set(MYSQLI_STMT_ATTR_CURSOR_TYPE, MYSQLI_CURSOR_TYPE_READ_ONLY); $s->execute(); }
  $a->bind_result($x); $b->bind_result($y);
  while ($a->fetch() && $b->fetch()) $found[] = [$x, $y];
  $a->close(); $b->close();
  return $found;
});
feature('procedure by prepared CALL', function () use ($c) {
  rows($c, 'CREATE PROCEDURE p(IN n INT, OUT o INT) BEGIN SELECT n AS n; SELECT n * 2 AS m; SET o = n * 3; END');
  $s = $c->prepare('CALL p(?, @o)');
  $n = 7;
  $s->bind_param('i', $n);
  $s->execute();
  $found = [];
  do { if ($r = $s->get_result()) $found[] = $r->fetch_all(); } while ($s->more_results() && $s->next_result());
  $s->close();
  return [$found, rows($c, 'SELECT @o')];
});
feature('multi query', function () use ($c) {
  $c->multi_query("SELECT 1; INSERT INTO t (id) VALUES (90), (91); SELECT COUNT(*) FROM t");
  $found = [];
  do { $r = $c->store_result(); $found[] = $r ? $r->fetch_all() : [$c->affected_rows, $c->info]; } while ($c->more_results() && $c->next_result());
  return $found;
});
feature('asynchronous', function () {
  $all = [];
  foreach ([1, 2, 3, 4] as $i) { $x = open(); $x->query("SELECT $i, REPEAT('r', 1000 * $i)", MYSQLI_ASYNC); $all[] = $x; }
  return array_map(fn($x) => strlen($x->reap_async_query()->fetch_row()[1]), $all);
});
feature('unbuffered', function () use ($c) {
  $r = $c->query('SELECT a.id FROM t a, t b, t c, t d', MYSQLI_USE_RESULT);
  $n = 0;
  while ($r->fetch_row()) $n++;
  return $n;
});
feature('change user', fn() => [$c->change_user(getenv('DB_USER'), getenv('DB_PASSWORD'), getenv('DB_NAME')), rows($c, 'SELECT DATABASE()')]);
feature('compressed', fn() => array_map('strlen', rows(open(MYSQLI_CLIENT_COMPRESS), "SELECT REPEAT('c', 200000)")[0]));
feature('TLS', fn() => rows(open(MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_DONT_VERIFY_SERVER_CERT), 'SELECT 1'));
feature('TLS and compression', fn() => rows(open(MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_DONT_VERIFY_SERVER_CERT | MYSQLI_CLIENT_COMPRESS), 'SELECT 2'));
feature('rows found', fn() => rows(open(MYSQLI_CLIENT_FOUND_ROWS), 'UPDATE t SET s = s'));
feature('ignore space', fn() => rows(open(MYSQLI_CLIENT_IGNORE_SPACE), 'SELECT COUNT (*) FROM t'));
feature('refused: space before a function', fn() => rows($c, 'SELECT COUNT (*) FROM t'));
feature('refused: wrong password', fn() => open(0, ['password' => 'wrong']));
feature('statistics and ping', fn() => [strtok($c->stat(), ':'), $c->ping(), $c->warning_count]);
feature('kill', function () use ($c) {
  $x = open();
  $c->query('KILL ' . $x->thread_id);
  for ($i = 0; $i < 100; $i++) try { rows($x, 'SELECT 1'); } catch (mysqli_sql_exception $e) { return in_array($e->getCode(), [2006, 2013, 1927, 4031]); }
  return 'lived on';
});
foreach ([true, false] as $emulated) {
  feature('PDO, ' . ($emulated ? 'text' : 'prepared'), function () use ($emulated) {
    $p = new PDO('mysql:host=' . getenv('DB_HOST') . ';port=' . getenv('DB_PORT') . ';dbname=' . getenv('DB_NAME') . ';charset=utf8mb4',
      getenv('DB_USER'), getenv('DB_PASSWORD'), [PDO::ATTR_EMULATE_PREPARES => $emulated]);
    $p->beginTransaction();
    $s = $p->prepare('INSERT INTO t (id, s) VALUES (:id, :s)');
    foreach (range(200, 220) as $id) $s->execute(['id' => $id, 's' => "n$id"]);
    $p->rollBack();
    $s = $p->prepare('SELECT id, s FROM t WHERE id < ? ORDER BY id');
    $s->execute([50]);
    return $s->fetchAll(PDO::FETCH_NUM);
  });
}
