# shellcheck shell=bash
# Real servers for tests, benchmarks and the demo: MySQL 9.7 and MariaDB 10.11, private instances on free ports of 127.0.0.1.
#
# MySQL 9.7 is not in Debian 12. Its packages come from the unstable suite through an apt state of our own (the system's apt never sees
# that suite), are unpacked into the cache folder, and run through that tree's own dynamic loader and libraries.
#
#   CACHE/mysql97/<version>/tree     the unpacked packages      CACHE/mysql97/<version>/bin   wrappers: mysql, mysqldump, mysqld, …
#   CACHE/router97/…                 the same of MySQL Router, which only the benchmarks use
#   CACHE/run/<engine>-<name>/       one instance: data, log.err, socket, pid, accounts (mode 0700; throwaway)

MYSQL97=$CACHE/mysql97
ROUTER97=$CACHE/router97

# The mirror that this machine's own apt uses for its release.
apt_mirror() {
  local codename
  [ -n "${SLUICE_APT_URI:-}" ] && { echo "$SLUICE_APT_URI"; return; }
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  # shellcheck disable=SC2016  # apt expands these
  apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
    awk -v c="$codename" '$2 == c && $3 == "main" { print $1; exit }'
}

private_apt() { APT_CONFIG=$MYSQL97/apt/apt.conf "$@"; }

prepare_private_apt() {
  local apt=$MYSQL97/apt mirror
  mirror=$(apt_mirror)
  [ -n "$mirror" ] || { say "apt names no mirror for this release"; return 1; }
  mkdir -p "$apt"/state/lists/partial "$apt"/cache/archives/partial
  : >"$apt/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror unstable main" >"$apt/sources.list"
  cat >"$apt/apt.conf" <<CONF
Dir::State "$apt/state"; Dir::State::status "$apt/status"; Dir::Cache "$apt/cache";
Dir::Etc::SourceList "$apt/sources.list"; Dir::Etc::SourceParts "-";
Acquire::Check-Valid-Until "false"; Acquire::Languages "none"; Acquire::Retries "3";
APT::Install-Recommends "false"; APT::Sandbox::User "";
CONF
}

# unpack_unstable GROUP FOLDER: the packages of a group and what they need, with wrappers for their programs.
unpack_unstable() {
  local dir=$2 deb packages
  mapfile -t packages < <(packages_of "$1")
  say "${packages[*]}: downloading from the unstable suite, with the libraries that they need (about 65 MB)"
  private_apt apt-get -qq -y --download-only install "${packages[@]}" >"$MYSQL97/apt.log" 2>&1 ||
    { tail -n 5 "$MYSQL97/apt.log" >&2; return 1; }
  say "${packages[*]}: unpacking"
  rm -rf "$dir.part" && mkdir -p "$dir.part/tree" "$dir.part/bin"
  for deb in "$MYSQL97"/apt/cache/archives/*.deb; do
    case ${deb##*/} in perl* | libperl*) continue ;; esac # only scripts that nobody runs here need it
    dpkg-deb -x "$deb" "$dir.part/tree" || return 1
  done
  rm -rf "$dir.part/tree/usr/share/doc" "$dir.part/tree/usr/share/man" "$MYSQL97/apt/cache"
  rm -rf "$dir" && mv "$dir.part" "$dir"
  write_wrappers "$dir"
}

write_wrappers() {
  local dir=$1 loader libraries program name
  loader=$(find "$dir/tree" -name 'ld-linux*.so.*' | head -n 1)
  libraries=$(dirname "$(find "$dir/tree" -name 'libc.so.6' | head -n 1)"):$dir/tree/usr/lib/mysql-router
  if [ -z "$loader" ] || [ ! -d "${libraries%%:*}" ]; then say "the unpacked tree has no dynamic loader"; return 1; fi
  for program in "$dir"/tree/usr/bin/mysql* "$dir"/tree/usr/sbin/mysqld; do
    [ "$(head -c 4 "$program" 2>/dev/null | tail -c 3)" = ELF ] || continue
    name=${program##*/}
    [[ $name != mysqlrouter* ]] || name=$program # it looks for its own folder by its name
    cat >"$dir/bin/${program##*/}" <<WRAPPER
#!/bin/sh
# Runs this program of Debian's unstable suite with the loader, the libraries and the plugins of its own tree.
export LIBMYSQL_PLUGIN_DIR="$dir/tree/usr/lib/mysql/plugin"
exec "$loader" --library-path "$libraries" --argv0 "$name" "$program" "\$@"
WRAPPER
    chmod +x "$dir/bin/${program##*/}"
  done
}

# Leaves MySQL 9.7 in CACHE/mysql97/current; 1 when it cannot be had here.
provision_mysql() {
  [ -x "$MYSQL97/current/bin/mysqld" ] && return
  need servers
  with_lock mysql97 provision_locked mysql97 "$MYSQL97" mysqld || { mysql_unreachable; return 1; }
}
# Leaves MySQL Router in CACHE/router97/current; 1 when it cannot be had here.
provision_router() {
  [ -x "$ROUTER97/current/bin/mysqlrouter" ] && return
  with_lock mysql97 provision_locked router97 "$ROUTER97" mysqlrouter ||
    { say "MySQL Router cannot be had: the unstable suite is not reachable or its packages do not run here"; return 1; }
}
# provision_locked GROUP FOLDER PROGRAM: by the version of the group's first package.
provision_locked() {
  local group=$1 dir=$2 program=$3 version
  [ -x "$dir/current/bin/$program" ] && return
  say "$group: reading the package list of Debian's unstable suite"
  mkdir -p "$MYSQL97" "$dir"
  prepare_private_apt && private_apt apt-get -qq update >"$MYSQL97/apt.log" 2>&1 || return 1
  version=$(private_apt apt-cache policy "$(packages_of "$group" | head -n 1)" | awk '$1 == "Candidate:" { print $2 }')
  if [ -z "$version" ] || [ "$version" = "(none)" ]; then return 1; fi
  unpack_unstable "$group" "$dir/$version" || return 1
  "$dir/$version/bin/$program" --version >/dev/null || return 1
  ln -sfn "$version" "$dir/current"
  say "$group: $version is in $dir/current"
}
mysql_unreachable() { say "MySQL 9.7 cannot be had: the unstable suite is not reachable or its packages do not run here"; }

provision_mariadb() {
  need servers
  command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || { say "MariaDB is not installed"; return 1; }
}

# --- instances ---------------------------------------------------------------------------------------------------------------------

instance_dir() { echo "$CACHE/run/$1-$2"; }
instance_alive() {
  local pid
  pid=$(cat "$1/pid" 2>/dev/null) || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "--datadir=$1/data"
}

# The SQL that an instance's first start runs: a root account over TCP, and an application's.
first_sql() {
  local engine=$1 root_password=$2 app_password=$3
  # What MariaDB's installer adds without a password would be found before root@'%'.
  if [ "$engine" = mysql ]; then echo "SET sql_log_bin = 0;"; else
    echo "DELETE FROM mysql.global_priv WHERE User = 'root' AND Host <> 'localhost' AND Host <> '%';"
    echo "FLUSH PRIVILEGES;"
  fi
  cat <<SQL
CREATE USER IF NOT EXISTS 'root'@'%' IDENTIFIED BY '$root_password';
GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;
CREATE USER IF NOT EXISTS 'app'@'%' IDENTIFIED BY '$app_password';
GRANT ALL ON *.* TO 'app'@'%';
CREATE USER IF NOT EXISTS 'empty'@'%' IDENTIFIED BY '';
CREATE USER IF NOT EXISTS 'tls'@'%' IDENTIFIED BY '$app_password' REQUIRE SSL;
CREATE DATABASE IF NOT EXISTS test;
GRANT ALL ON test.* TO 'empty'@'%', 'tls'@'%';
SQL
}

server_options() {
  local engine=$1 dir=$2 port=$3
  printf '%s\n' --no-defaults "--user=$(id -un)" "--datadir=$dir/data" "--port=$port" --bind-address=127.0.0.1 \
    "--socket=$dir/socket" "--log-error=$dir/log.err" "--pid-file=$dir/server.pid" --server-id=1 --log-bin=binlog \
    --binlog-row-image=FULL --binlog-row-metadata=FULL --performance-schema=ON --local-infile=ON --skip-name-resolve \
    --max-connections=2000 --max-allowed-packet=1G --secure-file-priv= --log-bin-trust-function-creators=ON \
    --innodb-buffer-pool-size=256M --innodb-flush-log-at-trx-commit=2 --sync-binlog=0
  if [ "$engine" = mysql ]; then
    printf '%s\n' "--basedir=$MYSQL97/current/tree/usr" "--lc-messages-dir=$MYSQL97/current/tree/usr/share/mysql" \
      "--plugin-dir=$MYSQL97/current/tree/usr/lib/mysql/plugin" --gtid-mode=ON --enforce-gtid-consistency=ON --mysqlx=OFF
  else
    printf '%s\n' --binlog-format=ROW --gtid-strict-mode=ON --ssl-ca="$dir/ca.pem" --ssl-cert="$dir/server-cert.pem" \
      --ssl-key="$dir/server-key.pem"
  fi
}

initialise() {
  local engine=$1 dir=$2 option names=()
  shift 2
  # MySQL takes this one only when its data folder is made.
  for option in "$@"; do
    [[ $option == --lower-case-table-names=* ]] && names=("$option")
  done
  say "$engine: initialising a data folder"
  if [ "$engine" = mysql ]; then
    "$MYSQL97/current/bin/mysqld" --no-defaults "--user=$(id -un)" --initialize-insecure "--datadir=$dir/data" \
      "--basedir=$MYSQL97/current/tree/usr" "--lc-messages-dir=$MYSQL97/current/tree/usr/share/mysql" \
      "--plugin-dir=$MYSQL97/current/tree/usr/lib/mysql/plugin" "--log-error=$dir/log.err" "${names[@]}" </dev/null >>"$dir/log.err" 2>&1
    return
  fi
  mariadb-install-db --no-defaults "--user=$(id -un)" "--datadir=$dir/data" --skip-test-db \
    --auth-root-authentication-method=normal </dev/null >>"$dir/log.err" 2>&1 && make_certificate "$dir"
}

# MariaDB 10.11 makes no certificate of its own.
make_certificate() {
  local dir=$1
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=Sluice test CA" -keyout "$dir/ca-key.pem" -out "$dir/ca.pem" 2>/dev/null &&
    openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout "$dir/server-key.pem" -out "$dir/server.csr" 2>/dev/null &&
    openssl x509 -req -days 30 -in "$dir/server.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca-key.pem" -CAcreateserial \
      -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1") -out "$dir/server-cert.pem" 2>/dev/null
}

# mysql_start ENGINE NAME [server option...]
mysql_start() { with_lock "run-$1-$2" mysql_start_locked "$@"; }
mysql_start_locked() {
  local engine=$1 name=$2 dir port root_password app_password try
  shift 2
  mysql_told_of "$engine" && { say "$engine: using the running server that the environment names"; return; }
  dir=$(instance_dir "$engine" "$name")
  instance_alive "$dir" && { say "$engine '$name' runs already"; return; }
  [ ${#dir} -le 90 ] || die "the cache folder's path is too long for a Unix socket: set SLUICE_CACHE"
  "provision_$engine" || return 1
  if [ ! -f "$dir/passwords" ]; then
    rm -rf "$dir" && mkdir -p "$dir" && chmod 700 "$dir"
    initialise "$engine" "$dir" "$@" || { tail -n 20 "$dir/log.err" >&2; return 1; }
    (umask 077 && printf 'root_password=%s\napp_password=%s\n' "$(random_word)" "$(random_word)" >"$dir/passwords")
  fi
  # shellcheck disable=SC1091
  . "$dir/passwords"
  (umask 077 && first_sql "$engine" "$root_password" "$app_password" >"$dir/first.sql")
  # A server that was killed and that nobody has waited for yet still has its number, by which mysqld takes the socket for used.
  rm -f "$dir/socket" "$dir/socket.lock"
  for try in 1 2 3; do
    port=$(free_port)
    say "$engine '$name': starting on 127.0.0.1:$port"
    launch "$engine" "$dir" "$port" "$@" && { remember "$engine" "$name" "$dir" "$port"; return; }
    grep -qi 'address already in use' "$dir/log.err" || break
    say "$engine '$name': the port was taken meanwhile, try $((try + 1))"
  done
  tail -n 20 "$dir/log.err" >&2
  return 1
}

launch() {
  local engine=$1 dir=$2 port=$3 options program i
  shift 3
  mapfile -t options < <(server_options "$engine" "$dir" "$port")
  program=$MYSQL97/current/bin/mysqld
  [ "$engine" = mysql ] || program=$(command -v mariadbd || echo /usr/sbin/mariadbd)
  # The lock must not live on in the server.
  setsid "$program" "${options[@]}" "--init-file=$dir/first.sql" "$@" </dev/null >>"$dir/log.err" 2>&1 {LOCK_FD}>&- &
  echo $! >"$dir/pid"
  for ((i = 0; i < 900; i++)); do
    kill -0 "$(cat "$dir/pid")" 2>/dev/null || return 1
    if [ -S "$dir/socket" ] && server_answers "$engine" "$dir" "$port"; then return 0; fi
    wait_a_moment
  done
  say "$engine did not answer within 90 s"
  stop_process "$(cat "$dir/pid")"
  return 1
}

client_of() { if [ "$1" = mysql ]; then echo "$MYSQL97/current/bin/mysql"; else command -v mariadb; fi; }

server_answers() {
  # shellcheck disable=SC1091
  (. "$2/passwords" && MYSQL_PWD=$root_password "$(client_of "$1")" --no-defaults -h 127.0.0.1 -P "$3" -u root -e 'SELECT 1' >/dev/null 2>&1)
}

# remember: the file that `status` prints. Shell-sourceable, every name prefixed with the engine, so that both can be sourced.
remember() {
  local engine=$1 name=$2 dir=$3 port=$4 prefix=SLUICE_${1^^} ca tools version
  # shellcheck disable=SC1091
  . "$dir/passwords"
  if [ "$engine" = mysql ]; then ca=$dir/data/ca.pem tools=$MYSQL97/current/bin; else ca=$dir/ca.pem tools=/usr/bin; fi
  version=$(MYSQL_PWD=$root_password "$(client_of "$engine")" --no-defaults -h 127.0.0.1 -P "$port" -u root -N -B -e 'SELECT VERSION()')
  (umask 077 && cat >"$dir/status.part" <<STATUS
${prefix}_NAME='$name'
${prefix}_VERSION='$version'
${prefix}_HOST='127.0.0.1'
${prefix}_PORT='$port'
${prefix}_SOCKET='$dir/socket'
${prefix}_USER='root'
${prefix}_PASSWORD='$root_password'
${prefix}_APP_USER='app'
${prefix}_APP_PASSWORD='$app_password'
${prefix}_CA='$ca'
${prefix}_PID='$(cat "$dir/pid")'
${prefix}_DIR='$dir'
${prefix}_TOOLS='$tools'
STATUS
  )
  mv "$dir/status.part" "$dir/status"
  say "$engine '$name': $version is ready on 127.0.0.1:$port"
}

# mysql_stop ENGINE NAME [--keep]: ends the instance; its data go too unless --keep.
mysql_stop() { with_lock "run-$1-$2" mysql_stop_locked "$@"; }
mysql_stop_locked() {
  local engine=$1 name=$2 keep=${3:-} dir
  dir=$(instance_dir "$engine" "$name")
  if instance_alive "$dir"; then
    stop_process "$(cat "$dir/pid")"
    say "$engine '$name' is stopped"
  fi
  rm -f "$dir/status" "$dir/pid"
  [ "$keep" = --keep ] || rm -rf "$dir"
}

# SLUICE_MYSQL_URL / SLUICE_MARIADB_URL = mysql://user:password@host:port : a running server to use instead of our own.
mysql_told_of() { local url=SLUICE_${1^^}_URL; [ -n "${!url:-}" ]; }

mysql_status() {
  local engine=$1 name=$2 dir url=SLUICE_${1^^}_URL prefix=SLUICE_${1^^}
  if mysql_told_of "$engine"; then
    [[ ${!url} =~ ^mysql://([^:@/]+):([^@/]*)@([^:/]+):([0-9]+)/?$ ]] || die "$url must be mysql://user:password@host:port"
    printf "%s_NAME='external'\n%s_HOST='%s'\n%s_PORT='%s'\n" "$prefix" "$prefix" "${BASH_REMATCH[3]}" "$prefix" "${BASH_REMATCH[4]}"
    printf "%s_USER='%s'\n%s_PASSWORD='%s'\n" "$prefix" "${BASH_REMATCH[1]}" "$prefix" "${BASH_REMATCH[2]}"
    return
  fi
  dir=$(instance_dir "$engine" "$name")
  if [ -f "$dir/status" ] && instance_alive "$dir"; then cat "$dir/status"; else
    say "$engine '$name' is not running"
    return 1
  fi
}

mysql_command() {
  local action=${1:-} engine=both name=default keep='' engines failed=0
  [ $# -gt 0 ] && shift
  while [ $# -gt 0 ]; do
    case $1 in
      --engine) engine=${2:-}; shift 2 || usage_error "--engine needs a value" ;;
      --name) name=${2:-}; shift 2 || usage_error "--name needs a value" ;;
      --keep) keep=--keep; shift ;;
      --) shift; break ;;
      *) usage_error "unknown argument '$1' of ./dev mysql" ;;
    esac
  done
  [[ $name =~ ^[a-z0-9-]+$ ]] || usage_error "a name is made of a-z, 0-9 and '-'"
  case $engine in
    mysql | mariadb) engines=("$engine") ;;
    both) engines=(mysql mariadb) ;;
    *) usage_error "an engine is mysql or mariadb" ;;
  esac
  for engine in "${engines[@]}"; do
    case $action in
      start) if mysql_start "$engine" "$name" "$@"; then mysql_status "$engine" "$name"; else failed=1; fi ;;
      stop) mysql_stop "$engine" "$name" $keep ;;
      status) mysql_status "$engine" "$name" || failed=1 ;;
      *) usage_error "./dev mysql start|stop|status [--engine mysql|mariadb] [--name NAME] [--keep] [-- server options]" ;;
    esac
  done
  return $failed
}
