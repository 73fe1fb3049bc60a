# shellcheck shell=bash
# Building, formatting and linting.

sources() { git ls-files -- '*.cpp' '*.h'; }

# build PRESET [target...]: configures and builds, with a line for each of the two.
build() {
  local preset=$1 target targets=()
  shift
  for target in "$@"; do targets+=(--target "$target"); done
  case $preset in dev | release) build_web ;; esac
  say "configuring $preset"
  cmake --preset "$preset" >"$(log_of "$preset")" 2>&1 || { tail -n 30 "$(log_of "$preset")" >&2; return 1; }
  say "building $preset with $(jobs_count) jobs"
  cmake --build --preset "$preset" -j "$(jobs_count)" "${targets[@]}" | heartbeat
  return "${PIPESTATUS[0]}"
}
log_of() { mkdir -p "$ROOT/build/log" && echo "$ROOT/build/log/$1-configure"; }

# heartbeat: of a build's output, a line every 15 s at most and everything that is not a plain progress line.
heartbeat() {
  local line last=$SECONDS
  while IFS= read -r line; do
    if [[ $line =~ ^\[[0-9]+/[0-9]+\]\ (Building|Linking|Generating|Creating|Scanning|Re-checking|Re-running|Running) ]]; then
      [ $((SECONDS - last)) -lt 15 ] && continue
      last=$SECONDS
      say "  ${line:0:110}"
    else
      printf '%s\n' "$line"
    fi
  done
}

build_command() {
  need build test web
  build "${1:-dev}"
}

fmt_command() {
  need lint
  sources | xargs -r clang-format -i
  [ ! -f admin/http/web/package.json ] || (cd admin/http/web && web_install && npm run --silent format)
  say "formatted"
}

# The console, built anew when a file of it has changed. Where npm or its registry is missing the program is built without, and says so.
build_web() {
  local folder=admin/http/web stamp=build/log/web-stamp now
  [ -f $folder/package.json ] || return 0
  command -v npm >/dev/null || { say "no npm here: the program is built without its console"; return 0; }
  now=$(git ls-files -co --exclude-standard -- $folder | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum)
  [ -f $folder/dist/index.html ] && [ "$now" = "$(cat $stamp 2>/dev/null)" ] && return 0
  say "building the console"
  mkdir -p build/log
  (cd $folder && web_install && npx vite build --logLevel warn) || { say "the console could not be built: the program is built without it"; return 0; }
  echo "$now" >$stamp
}

web_install() { [ -f node_modules/.package-lock.json ] || npm ci --no-audit --no-fund --loglevel=error; }

check_layering() { cmake -DROOT="$ROOT" -P tests/layering.cmake; }
# Two types of one name in one namespace: no compiler reports it, and the linker joins their functions.
check_names() { python3 .ci/lib/one_name.py; }
check_format() { sources | xargs -r clang-format --dry-run -Werror; }
check_shell() { shellcheck -x dev .ci/run .ci/lib/*.sh; }

# The length of files: 400 lines (tests 600) is the rule and is said; half as much again fails. Generated files are not in git.
check_sizes() {
  local file limit lines status=0  # style asks for 400 (tests 600); past these a file is surely two subjects
  while read -r file; do
    limit=550
    [[ $file == tests/* ]] && limit=650
    lines=$(wc -l <"$file")
    [ "$lines" -le "$limit" ] || echo "$file has $lines lines; the rule is $limit"
    [ "$lines" -le $((limit * 3 / 2)) ] || status=1
  done < <(sources)
  return $status
}

# clang-tidy over the pure rooms (clang 14 does not understand every coroutine of the driven ones), newest changes first, within a
# time budget; what was not reached is said. Needs the compile commands and generated headers of the fuzz preset, which clang builds.
TIDY_SECONDS=${SLUICE_TIDY_SECONDS:-180}
check_tidy() {
  local list reached
  local -x DONE=build/log/tidy-done
  [ -f build/fuzz/compile_commands.json ] || cmake --preset fuzz >"$(log_of fuzz)" 2>&1 || return 1
  list=$(newest_first | grep -E '^(parser|policy|proxy/(wire|binlog))/.*\.cpp$') || return 0
  : >"$DONE"
  # shellcheck disable=SC2016  # the inner shell expands these
  printf '%s\n' "$list" | xargs -P "$(jobs_count)" -I{} bash -c '
    [ "$EPOCHSECONDS" -lt "$1" ] || exit 0
    grep -qF "/$2\"" build/fuzz/compile_commands.json || exit 0
    clang-tidy -quiet -p build/fuzz "$2" 2>/dev/null || exit 1
    echo "$2" >>"$DONE"' _ "$((EPOCHSECONDS + TIDY_SECONDS))" {} || return 1
  reached=$(wc -l <"$DONE")
  say "clang-tidy: $reached of $(wc -l <<<"$list") files of the pure rooms within $TIDY_SECONDS s"
}
newest_first() {
  { git log --format= --name-only -n 200 -- '*.cpp'; git ls-files -- '*.cpp'; } | awk '!seen[$0]++' |
    while read -r file; do [ ! -f "$file" ] || echo "$file"; done
}

lint_command() {
  local check status=0
  need build test lint
  for check in layering format shell sizes tidy; do
    say "lint: $check"
    "check_$check" || { say "lint: $check FAILED"; status=1; }
  done
  return "$status"
}
