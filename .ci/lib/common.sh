# shellcheck shell=bash
# What every part of ./dev shares: progress lines, the cache folder, packages, locks, and a list of things to undo on the way out.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CACHE=${SLUICE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sluice}
CI=${CI:-false}
STARTED=$SECONDS

# say TEXT...: one progress line, on stderr so that a command's stdout stays clean.
say() { printf '[%3d:%02d] %s\n' $(((SECONDS - STARTED) / 60)) $(((SECONDS - STARTED) % 60)) "$*" >&2; }
die() { say "error: $*"; exit 3; }
usage_error() { printf './dev: %s\n' "$*" >&2; exit 2; }

jobs_count() { echo "${SLUICE_JOBS:-$(nproc)}"; }

# on_exit COMMAND...: run when ./dev ends for whatever reason, newest first.
UNDO=()
on_exit() { UNDO+=("$(printf '%q ' "$@")"); }
run_undo() {
  local status=$? i
  trap '' INT TERM
  for ((i = ${#UNDO[@]} - 1; i >= 0; i--)); do eval "${UNDO[i]}" || true; done
  UNDO=()
  exit "$status"
}
trap run_undo EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# stop_process PID: asks, waits up to 20 s, then kills. Waits for children of ours and for strangers alike.
stop_process() {
  local pid=$1 i
  kill -TERM "$pid" 2>/dev/null || return 0
  for ((i = 0; i < 200; i++)); do
    kill -0 "$pid" 2>/dev/null || return 0
    wait_a_moment
  done
  kill -KILL "$pid" 2>/dev/null || true
}
wait_a_moment() { sleep 0.1; }

# with_lock NAME COMMAND...: only one ./dev of this cache folder does it at a time.
with_lock() {
  local name=$1 fd status=0
  shift
  mkdir -p "$CACHE"
  exec {fd}>"$CACHE/$name.lock"
  flock -n "$fd" || { say "another ./dev holds the lock '$name': waiting"; flock "$fd"; }
  LOCK_FD=$fd "$@" || status=$?
  exec {fd}>&-
  return "$status"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "needs root or sudo for: $*"; fi
}

packages_of() { awk -v g="$1" '$1 == g { for (i = 2; i <= NF; i++) print $i }' "$ROOT/.ci/packages"; }

# need GROUP...: installs the groups' packages that are missing.
need() {
  local group package missing=()
  for group in "$@"; do
    while read -r package; do
      [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] && continue
      # Other builds of Node bring npm along and conflict with Debian's package of it.
      case $package in npm | nodejs) command -v "${package/nodejs/node}" >/dev/null && continue ;; esac
      missing+=("$package")
    done < <(packages_of "$group")
  done
  [ ${#missing[@]} = 0 ] && return
  with_lock packages install_packages "${missing[@]}"
}

install_packages() {
  say "installing ${#*} Debian packages: $*"
  as_root apt-get -qq update || say "apt-get update failed: trying with the lists that are there"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$@" >"$CACHE/apt.log" 2>&1 ||
    { tail -n 20 "$CACHE/apt.log" >&2; die "apt-get could not install: $*"; }
}

# free_port: a port of 127.0.0.1 below the ephemeral range that nobody listens on.
free_port() {
  local port i
  for ((i = 0; i < 200; i++)); do
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
  die "no free port between 20000 and 32000"
}

random_word() { od -An -N12 -tx1 /dev/urandom | tr -d ' \n'; }
