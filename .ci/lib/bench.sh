# shellcheck shell=bash
# ./dev bench.

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
