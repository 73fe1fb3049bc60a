# DBD::mysql (Perl, libmariadb): text and server-side prepared statements. Prints `feature<TAB>outcome`.
use strict;
use warnings;
use DBI;
use Data::Dumper;
$Data::Dumper::Terse = 1;
$Data::Dumper::Indent = 0;
$Data::Dumper::Sortkeys = 1;
$| = 1;

sub connect_with {
  my ($options, %more) = @_;
  return DBI->connect("DBI:mysql:database=$ENV{DB_NAME};host=$ENV{DB_HOST};port=$ENV{DB_PORT};$options", $ENV{DB_USER},
    $more{password} // $ENV{DB_PASSWORD}, { RaiseError => 1, PrintError => 0, AutoCommit => 1, mysql_enable_utf8mb4 => 1 });
}

sub feature {
  my ($name, $action) = @_;
  my $outcome = eval { Dumper($action->()) };
  $outcome = "error " . ($DBI::err // '') . " " . ($DBI::state // '') . " " . ($DBI::errstr // $@) unless defined $outcome;
  $outcome =~ s/\n/ /g;
  print substr("$name\t$outcome", 0, 2000), "\n";
}

my $c = connect_with('');
feature('identity', sub { [$c->{mysql_serverinfo}, $c->selectall_arrayref("SELECT VERSION(), CONNECTION_ID() = $c->{mysql_thread_id} AS same")] });
for my $prepare (0, 1) {
  my $how = $prepare ? 'prepared' : 'text';
  my $d = connect_with("mysql_server_prepare=$prepare");
  feature("$how: insert and select", sub {
    $d->do("DROP TABLE IF EXISTS t");
    $d->do("CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, s VARCHAR(40), n DECIMAL(9,3), b BLOB)");
    my $s = $d->prepare("INSERT INTO t (s, n, b) VALUES (?, ?, ?)");
    $s->execute("value $_", $_ / 8, "\0$_'") for 1 .. 20;
    [$s->{mysql_insertid}, $d->selectall_arrayref("SELECT * FROM t WHERE id > ? ORDER BY id", undef, 16)];
  });
  feature("$how: transaction", sub {
    $d->begin_work;
    my $count = $d->do("DELETE FROM t WHERE id > ?", undef, 5);
    $d->rollback;
    [$count, $d->selectrow_array("SELECT COUNT(*) FROM t")];
  });
  feature("refused: $how: duplicate key", sub { $d->do("INSERT INTO t (id) VALUES (?)", undef, 1) });
  feature("$how: null and large", sub { [$d->selectrow_array("SELECT ?, LENGTH(?)", undef, undef, 'l' x 3_000_000)] });
  feature("$how: meta data", sub {
    my $s = $d->prepare("SELECT * FROM t LIMIT 1");
    $s->execute;
    [$s->{NAME}, $s->{mysql_type}, $s->{NULLABLE}, $s->{mysql_is_pri_key}];
  });
}
feature('compressed', sub { [map { length } connect_with('mysql_compression=1')->selectrow_array("SELECT REPEAT('p', 150000)")] });
feature('TLS', sub { [connect_with('mysql_ssl=1;mysql_ssl_optional=1')->selectrow_array('SELECT 1')] });
feature('multi-statements', sub {
  my $s = connect_with('mysql_multi_statements=1')->prepare("SELECT 1; SELECT 2, 3");
  $s->execute;
  my @found = ($s->fetchall_arrayref);
  push @found, $s->fetchall_arrayref while $s->more_results;
  \@found;
});
feature('stored unbuffered', sub {
  my $s = $c->prepare("SELECT a.id FROM t a, t b, t x", { mysql_use_result => 1 });
  $s->execute;
  my $n = 0;
  $n++ while $s->fetch;
  $n;
});
feature('refused: no such table', sub { $c->do('SELECT * FROM absent') });
feature('refused: wrong password', sub { connect_with('', password => 'wrong') });
feature('catalogue', sub { [$c->tables(undef, $ENV{DB_NAME}, undef, 'TABLE'), map { $_->[3] } @{ $c->column_info(undef, undef, 't', '%')->fetchall_arrayref }] });
feature('ping', sub { $c->ping });
