#!/usr/bin/env bash
# usage: run.sh BUILD_DIRECTORY [OTHER_PROVIDER_PROGRAM]
set -euo pipefail
build=$1
shift
here=$(dirname "$(readlink -f "$0")")
exec python3 "$here/bench.py" "$build/tree" "$build/bench" "$build/tests/emulator/regcred-emulator" \
  --json "$build/bench.json" ${1:+--plugin "$1"}
