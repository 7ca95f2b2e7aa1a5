#!/usr/bin/env bash
# tools/package.sh DIR: builds the release binary as ./run does, and DIR/banter.deb from it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/tools/deps.sh"
[ $# -eq 1 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)

deps_install "$root/build/apt.log" build package >&2
"$root/run" --build-only
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
(umask 022 && cd "$root/build/release" && cpack -G DEB -B "$made" >"$made/log" 2>&1) || {
  cat "$made/log" >&2
  exit 1
}
mv "$made"/*.deb "$out/banter.deb"
echo "packed $out/banter.deb" >&2
