# shellcheck shell=bash
# ./dev bench and ./dev demo.

# bench [NAME...]: NAME is a program of bench/<name>_bench.cpp, or a part of bench/load/load.py; nothing: everything.
bench_command() {
  local name programs=() parts=() file stamp
  need build test servers clients bench
  build release || die "the release build failed"
  if [ $# = 0 ]; then
    for file in bench/*_bench.cpp; do [ ! -f "$file" ] || programs+=("$(basename "$file" _bench.cpp)"); done
    parts=(relay gate syscalls connect idle stream slow beside)
  fi
  for name in "$@"; do if [ -f "bench/${name}_bench.cpp" ]; then programs+=("$name"); else parts+=("$name"); fi; done
  mkdir -p bench/results
  stamp=$(date -u +%Y-%m-%d)-$(git rev-parse --short HEAD)
  for name in "${programs[@]}"; do
    say "bench: $name"
    "build/release/bench/${name}_bench" | tee "bench/results/$stamp-$name.txt" || return 1
  done
  [ ${#parts[@]} = 0 ] && return
  provision_router || true
  say "bench: ${parts[*]}, each direct, through HAProxy, through MySQL Router where it is to be had, and through Sluice"
  SLUICE_BIN=$ROOT/build/release/sluice SLUICE_ROUTER=$ROUTER97/current/bin/mysqlrouter /usr/bin/python3 bench/load/load.py --only "$(IFS=,; echo "${parts[*]}")" \
    --seconds "${SLUICE_BENCH_SECONDS:-3}" --rounds "${SLUICE_BENCH_ROUNDS:-3}" --out "bench/results/$stamp-$(IFS=-; echo "${parts[*]}").md"
}

demo_command() {
  local folder engine=mysql port admin client prefix host server_port user password pid plugin status=0
  need build web servers
  build release sluice || die "the build failed"
  if ! mysql_start mysql "demo-$$" >/dev/null; then
    engine=mariadb
    mysql_start mariadb "demo-$$" >/dev/null || die "no server could be started"
  fi
  on_exit mysql_stop "$engine" "demo-$$"
  folder=$(mktemp -d)
  on_exit rm -rf "$folder"
  eval "$(mysql_status "$engine" "demo-$$")"
  prefix=SLUICE_${engine^^}
  host=${prefix}_HOST server_port=${prefix}_PORT user=${prefix}_APP_USER password=${prefix}_APP_PASSWORD
  # A running server that the environment names has one account.
  [ -n "${!user:-}" ] || user=${prefix}_USER password=${prefix}_PASSWORD
  plugin=caching_sha2_password
  [ "$engine" = mysql ] || plugin=mysql_native_password
  port=$(free_port) admin=$(free_port)
  client=$(client_of "$engine")
  cat >"$folder/sluice.toml" <<TOML
[mysql]
listen = ["127.0.0.1:$port"]
[admin]
listen = "127.0.0.1:$admin"
[store]
data = "$folder/data"
[[instance]]
name = "demo"
engine = "$engine"
host = "${!host}"
port = ${!server_port}
user = "${!user}"
password_env = "DEMO_BACKEND_PASSWORD"
tls = "preferred"
[[account]]
name = "demo"
kind = "service"
password_env = "DEMO_PASSWORD"
plugin = "$plugin"
instances = ["demo"]
TOML
  DEMO_BACKEND_PASSWORD=${!password} DEMO_PASSWORD=demo build/release/sluice serve --config "$folder/sluice.toml" >"$folder/log" 2>&1 &
  pid=$!
  on_exit stop_process "$pid"
  until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    kill -0 "$pid" 2>/dev/null || { cat "$folder/log" >&2; die "sluice serve ended"; }
    wait_a_moment
  done
  cat <<TEXT

Sluice stands before $engine. In another terminal:

    MYSQL_PWD=demo $client --host=127.0.0.1 --port=$port --user=demo test

Console:    http://127.0.0.1:$admin/ (register the first person there; /healthz, /readyz, /metrics)
Log:        $folder/log
Ctrl-C stops everything and removes its data.
TEXT
  wait "$pid" || status=$?
  return "$status"
}
