#!/usr/bin/env bash
# Says which tracked C++ files clang-format would change; `tools/format.sh --fix` changes them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mode=(--dry-run -Werror)
[ "${1:-}" = --fix ] && mode=(-i)
git ls-files -z -- '*.cpp' '*.hpp' | xargs -0 -r clang-format-19 --style=file "${mode[@]}" ||
  { echo "To put it right: tools/format.sh --fix"; exit 1; }
