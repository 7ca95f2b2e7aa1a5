# The Debian 12 packages Banter needs, in groups, and the function that installs what is missing.
# Sourced by ./run and ./test. `bash tools/deps.sh install GROUP...` does the same by hand,
# `bash tools/deps.sh list GROUP...` prints the packages. Nothing here starts a service.
#
#   build    compiler and libraries of the release build; all that ./run needs
#   test     formatter, tidy, sanitizer run-times, GoogleTest, pytest and their like, and the
#            databases and balancers that tests start for themselves
#   package  what makes the Debian package of the binary
#   deploy   what checks that package, and the files in deploy/
#   browser  Chromium, its driver and a font
#   bench    what bench/run.py compares with

deps_build="clang-19 lld-19 cmake ninja-build ccache pkg-config
  libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev libsqlite3-dev
  libsodium-dev prometheus-cpp-dev libspdlog-dev libfmt-dev libcli11-dev libtomlplusplus-dev
  libicu-dev liburing-dev libpq-dev brotli gzip ca-certificates"
deps_test="git llvm-19 libclang-rt-19-dev clang-format-19 clang-tidy-19 libgtest-dev libgmock-dev
  libbenchmark-dev python3 python3-pytest python3-pytest-xdist python3-websockets sqlite3 procps
  postgresql redis-server redis-tools haproxy nginx-light faketime"
deps_package="dpkg-dev file"
deps_deploy="fakeroot lintian man-db prometheus python3-yaml systemd"
deps_browser="chromium chromium-driver chromium-sandbox python3-selenium fonts-dejavu-core"
deps_bench="libbenchmark-dev nginx-light wrk python3"

# The packages of the groups named, one a line.
deps_list() {
  local group name
  for group in "$@"; do
    name="deps_$group"
    [ -n "${!name:-}" ] || { echo "deps: no such group: $group" >&2; return 2; }
    printf '%s\n' ${!name}
  done | sort -u
}

# Those of the groups' packages that are not installed. Needs no network and about 50 ms.
deps_missing() {
  local wanted installed
  wanted=$(deps_list "$@") || return
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null |
    awk '$2 == "installed" { print $1 }' | sort -u) || true  # dpkg-query: 1 if any is unknown
  comm -23 <(printf '%s\n' "$wanted") <(printf '%s\n' "$installed")
}

# Installs what is missing of the groups and says so; apt's own words go to the log named first.
deps_install() {
  local log=$1 missing become=()
  shift
  missing=$(deps_missing "$@") || return
  [ -n "$missing" ] || return 0
  if ! command -v apt-get >/dev/null; then
    echo "This system has no apt. What must be there, in Debian's names:" $missing >&2
    return 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "Packages are missing, and neither root nor sudo is at hand. As root:" >&2
      echo "  apt-get install --no-install-recommends" $missing >&2
      return 1
    fi
    become=(sudo)
  fi
  echo "    installing $(wc -w <<<"$missing") packages with apt:"
  echo $missing | fold -s -w 90 | sed 's/^/      /'
  mkdir -p "$(dirname "$log")"
  if ! deps_apt "$missing" "${become[@]}" >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    echo "apt failed; its whole output is in $log" >&2
    return 1
  fi
}

deps_apt() {
  local packages=$1
  shift
  "$@" apt-get update
  # Tests start servers of their own. What a package starts by itself would take the usual port of
  # a server, now and after each boot, so it is kept from starting; services that were there before
  # are not touched. A policy of the system's owner stays in force.
  local policy=/usr/sbin/policy-rc.d status=0
  [ ! -e "$policy" ] || policy=
  if [ -n "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | "$@" tee "$policy"
    "$@" chmod 755 "$policy"
  fi
  # Nor is a cluster made that nobody asked for.
  local cluster=/etc/postgresql-common/createcluster.conf
  if grep -qx postgresql <<<"$packages" && [ ! -e "$cluster" ]; then
    "$@" mkdir -p "$(dirname "$cluster")"
    echo "create_main_cluster = false" | "$@" tee "$cluster"
  fi
  "$@" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    -o Dpkg::Options::=--force-confold $packages || status=$?
  [ -z "$policy" ] || "$@" rm -f "$policy"
  local service
  for service in redis-server haproxy nginx prometheus; do
    grep -qE "^$service(-light)?\$" <<<"$packages" || continue
    "$@" systemctl disable --now "$service.service" || "$@" update-rc.d "$service" disable || true
  done
  return "$status"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -euo pipefail
  case "${1:-}" in
    list) shift; deps_list "$@" ;;
    missing) shift; deps_missing "$@" ;;
    install) shift; deps_install "${TMPDIR:-/tmp}/banter-apt.log" "$@" ;;
    *) sed -n '2,/^$/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2 ;;
  esac
fi
