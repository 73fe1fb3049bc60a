# shellcheck shell=bash
# shellcheck disable=SC2154 # what demo_server declares
# ./dev demo: Sluice before a real server, with the console at its first page; --filled: with a workspace in it.

# demo_server ENGINE NAME VARIABLE: starts one; the variable names become VARIABLE_host, _port, _user, _password, _app, _app_password.
demo_server() {
  local engine=$1 name=$2 prefix=SLUICE_${1^^}
  mysql_start "$engine" "$name" >/dev/null || return 1
  on_exit mysql_stop "$engine" "$name"
  eval "$(mysql_status "$engine" "$name")"
  local host=${prefix}_HOST port=${prefix}_PORT user=${prefix}_USER password=${prefix}_PASSWORD
  local app=${prefix}_APP_USER app_password=${prefix}_APP_PASSWORD
  declare -g "$3_host=${!host}" "$3_port=${!port}" "$3_user=${!user}" "$3_password=${!password}"
  # A running server that the environment names has one account.
  declare -g "$3_app=${!app:-${!user}}" "$3_app_password=${!app_password:-${!password}}"
}

demo_configuration() {
  cat <<TOML
[mysql]
listen = ["127.0.0.1:$port"]
[admin]
listen = "127.0.0.1:$admin"
[store]
data = "$folder/data"
[[instance]]
name = "demo"
engine = "$engine"
host = "$test_host"
port = $test_port
user = "$test_app"
password_env = "DEMO_BACKEND_PASSWORD"
tls = "preferred"
[[account]]
name = "demo"
kind = "service"
password_env = "DEMO_PASSWORD"
plugin = "$plugin"
instances = ["demo"]
TOML
}

demo_text() {
  local client
  client=$(client_of "$engine")
  cat <<TEXT

Sluice stands before $engine. In another terminal, as an application that is in no environment (everything passes):

    MYSQL_PWD=demo $client --host=127.0.0.1 --port=$port --user=demo test

TEXT
  if [ "$filled" = yes ]; then
    cat <<TEXT
The workspace has two instances, test (in Test) and prod (in Prod), and two people, each with an account of the same name:

    MYSQL_PWD='$DEMO_PEOPLE_PASSWORD' $client --host=127.0.0.1 --port=$port --user=ada@test test    -- changes run, and are recorded
    MYSQL_PWD='$DEMO_PEOPLE_PASSWORD' $client --host=127.0.0.1 --port=$port --user=ada@prod test    -- changes become issues that bob approves

    CREATE TABLE orders (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, total DECIMAL(9,2) NOT NULL DEFAULT 0);
    CALL sluice.history('test');      CALL sluice.issues();      CALL sluice.status();

Console:    http://127.0.0.1:$admin/   ada@example.org (owner) or bob@example.org (DBA), password '$DEMO_PEOPLE_PASSWORD'
TEXT
  else
    cat <<TEXT
Console:    http://127.0.0.1:$admin/   register the first person there (/healthz, /readyz and /metrics are on this port, too)
            then add an instance: host 127.0.0.1, port $test_port, user $test_user, password $test_password
TEXT
  fi
  cat <<TEXT
Log:        $folder/log
Ctrl-C stops everything and removes its data.
TEXT
}

demo_command() {
  local folder engine=mysql port admin pid plugin=caching_sha2_password status=0 filled=no
  case ${1:-} in
    '') ;;
    --filled) filled=yes ;;
    *) usage_error "unknown argument '$1' of ./dev demo" ;;
  esac
  need build web servers
  build release sluice || die "the build failed"
  if ! demo_server mysql "demo-$$" test; then
    engine=mariadb plugin=mysql_native_password
    demo_server mariadb "demo-$$" test || die "no server could be started"
  fi
  [ "$filled" = no ] || demo_server "$engine" "demo-$$-prod" prod || die "the second server could not be started"
  folder=$(mktemp -d)
  on_exit rm -rf "$folder"
  port=$(free_port) admin=$(free_port)
  demo_configuration >"$folder/sluice.toml"
  DEMO_BACKEND_PASSWORD=$test_app_password DEMO_PASSWORD=demo build/release/sluice serve --config "$folder/sluice.toml" >"$folder/log" 2>&1 &
  pid=$!
  on_exit stop_process "$pid"
  until (exec 3<>"/dev/tcp/127.0.0.1/$port" 4<>"/dev/tcp/127.0.0.1/$admin") 2>/dev/null; do
    kill -0 "$pid" 2>/dev/null || { cat "$folder/log" >&2; die "sluice serve ended"; }
    wait_a_moment
  done
  DEMO_PEOPLE_PASSWORD='sluice demo workspace'
  if [ "$filled" = yes ]; then
    # shellcheck disable=SC2154
    DEMO_PEOPLE_PASSWORD=$DEMO_PEOPLE_PASSWORD DEMO_PLUGIN=$plugin TEST_PASSWORD=$test_password PROD_PASSWORD=$prod_password \
      python3 .ci/lib/demo.py "http://127.0.0.1:$admin" "test=$test_host:$test_port:$test_user:TEST_PASSWORD" \
      "prod=$prod_host:$prod_port:$prod_user:PROD_PASSWORD" || { cat "$folder/log" >&2; die "the workspace could not be filled"; }
  fi
  demo_text
  wait "$pid" || status=$?
  return "$status"
}
