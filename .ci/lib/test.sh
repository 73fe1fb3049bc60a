# shellcheck shell=bash
# ./dev test: everything, step by step; each says what it does and how long it took, the last line sums up.

RESULTS=$ROOT/build/results
FAILED_STEPS=()

# step NAME COMMAND...: a failure is noted and the next step goes on, so that one run tells everything.
step() {
  local name=$1 begin=$SECONDS status=0
  shift
  say "── $name"
  "$@" || status=$?
  if [ $status = 0 ]; then say "── $name: ok in $((SECONDS - begin)) s"; else
    say "── $name: FAILED after $((SECONDS - begin)) s"
    FAILED_STEPS+=("$name")
  fi
}

# check NAME COMMAND...: a step that is one test case of the summary.
check() {
  local before=${#FAILED_STEPS[@]}
  step "$@"
  if [ "${#FAILED_STEPS[@]}" = "$before" ]; then echo passed >>"$RESULTS/checks"; else
    echo failed >>"$RESULTS/checks"
    unset 'FAILED_STEPS[-1]'
  fi
}

# skipped REASON: one skipped case of the summary, which says why.
skipped() {
  say "skipped: $1"
  echo "skipped $1" >>"$RESULTS/checks"
}

# run_ctest PRESET [ctest option...]: results go to files that count.py sums up.
run_ctest() {
  local preset=$1
  shift
  mkdir -p "$RESULTS/$preset"
  # A gtest program writes one file of results here; `ctest` says how each program ended.
  GTEST_OUTPUT="xml:$RESULTS/$preset/" SLUICE_FUZZ_SECONDS=${SLUICE_FUZZ_SECONDS:-10} \
    ctest --preset "$preset" -j "$(jobs_count)" --output-junit "$RESULTS/$preset/ctest.junit" "$@"
}

# ThreadSanitizer has something to see where there are threads, or state between them.
TSAN_ROOMS=(net backend session store mysql http root)

# test_rooms PRESET ROOM...: builds the tests of these rooms and runs them.
test_rooms() {
  local preset=$1
  shift
  build "$preset" "${@/%/_tests}" && with_servers run_ctest "$preset" -R "^($(IFS='|'; echo "$*"))\$"
}

build_and_test() { build "$1" && with_servers run_ctest "$1"; }

# with_servers COMMAND...: runs it with both real servers in the environment, and with two more as SLUICE_QUIET_… for the tests
# that read, switch or purge a server's binary log. A server that cannot be had is said; its tests skip.
with_servers() {
  local engine status=0
  for engine in mysql mariadb; do
    if ! mysql_start "$engine" unit || ! mysql_start "$engine" quiet; then skipped "$engine: no server for the unit tests"; fi
  done
  (
    set -a
    for engine in mysql mariadb; do
      eval "$(mysql_status "$engine" unit 2>/dev/null)"
      eval "$(mysql_status "$engine" quiet 2>/dev/null | sed 's/^SLUICE_/SLUICE_QUIET_/')"
    done
    "$@"
  ) || status=$?
  for engine in mysql mariadb; do
    mysql_stop "$engine" unit
    mysql_stop "$engine" quiet
  done
  return "$status"
}

run_e2e() {
  local status=0
  compgen -G 'tests/e2e/test_*.py' >/dev/null || return 0
  node_packages tests/e2e/node || say "the npm registry is not reachable: the Node clients will be skipped"
  SLUICE_BIN=$ROOT/build/dev/sluice /usr/bin/python3 -m pytest -q -rfEs -p no:cacheprovider --junitxml="$RESULTS/e2e.junit" \
    tests/e2e || status=$?
  return "$status"
}

node_packages() {
  [ -f "$1/package.json" ] || return 0
  [ -f "$1/node_modules/.package-lock.json" ] || (cd "$1" && npm ci --no-audit --no-fund --loglevel=error)
}

run_web() {
  (cd admin/http/web && web_install && npm run --silent lint &&
    npm test --silent -- --run --reporter=default --reporter=junit --outputFile="$RESULTS/web.junit")
}

# The console in a real browser, before real servers; pictures of its pages stay in tests/e2e/output/screenshots.
run_console() {
  (cd admin/http/web && web_install && rm -rf ../../../tests/e2e/output &&
    SLUICE_BIN=$ROOT/build/dev/sluice npx vitest --run --config vitest.e2e.config.ts --reporter=default --reporter=junit \
      --outputFile="$RESULTS/console.junit")
}

test_command() {
  local summary status=0
  say "installing what is missing"
  need build test web browser lint servers clients
  rm -rf "$RESULTS" && mkdir -p "$RESULTS"
  check "include graph" check_layering
  check "one name, one type" check_names
  check "formatting" check_format
  check "file sizes" check_sizes
  check "shell scripts" check_shell
  step "build and unit tests" build_and_test dev
  step "end to end, both servers" run_e2e
  # The fuzzers' build has both sanitizers: one build for the fuzzers and for every room's tests.
  step "AddressSanitizer and UndefinedBehaviorSanitizer: unit tests, and the fuzzers for ${SLUICE_FUZZ_SECONDS:-10} s each" build_and_test fuzz
  # Behind that build: it has generated what clang-tidy reads.
  check "clang-tidy" check_tidy
  step "ThreadSanitizer: unit tests" test_rooms tsan "${TSAN_ROOMS[@]}"
  [ ! -f admin/http/web/package.json ] || step "console" run_web
  [ ! -f admin/http/web/package.json ] || step "console in a browser, both servers" run_console
  summary=$(python3 .ci/lib/count.py "$RESULTS" "$CI" "${FAILED_STEPS[@]}") || status=1
  say "everything took $(((SECONDS - STARTED) / 60)) min $(((SECONDS - STARTED) % 60)) s"
  printf '%s\n' "$summary"
  return "$status"
}
