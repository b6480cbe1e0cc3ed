#!/usr/bin/env bash
# Asks a server with made-up requests, new ones each time, until there were enough of them.
#
#   tests/long/schemathesis.sh [CASES]      100000 when nothing is said
#
# It needs what tests/run installs. With ANSWERS_FOLDER every answer is noted there, a line each. Stops at
# the first round in which something was found, and leaves the server's data and the report in a folder that
# it names. A case takes 25 ms of one processor, nearly all of it in Python: several of these may run side by
# side, each with a server of its own, where there are more processors.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
wanted=${1:-100000}

cargo build --quiet --locked
keysrv=$root/${CARGO_TARGET_DIR:-target}/debug/keysrv
folder=$(mktemp -d)
cd "$folder"
echo "in $folder"
"$keysrv" --data-dir data init
scopes=$("$keysrv" --data-dir data scope list --json | python3 -c \
    'import json, sys; print(*(s["scope"] for r in json.load(sys.stdin)["data"] for s in r["scopes"]))')
# shellcheck disable=SC2086 # one word a scope
KEYSRV_TOKEN=$("$keysrv" --data-dir data create driver $(printf -- '--scope %s ' $scopes) 2>/dev/null)
"$keysrv" --data-dir data serve --listen 127.0.0.1:0 >listening 2>log &
server=$!
trap 'kill "$server"; wait "$server" || true' EXIT
for _ in $(seq 100); do [ -s listening ] && break; sleep 0.1; done
KEYSRV_URL=$(sed 's/^listening on //' listening)
KEYSRV_HOOKS=$root/tests/schemathesis/hooks.py
export KEYSRV_TOKEN KEYSRV_URL KEYSRV_HOOKS

# One worker: with two, Python 3.11 itself now and then fails to parse in both threads at once.
cases=0
rounds=0
began=$(date +%s)
while [ "$cases" -lt "$wanted" ]; do
    nice "$root/tests/output/venv/bin/schemathesis" \
        --config-file "$root/tests/schemathesis/schemathesis.toml" run --no-color \
        --continue-on-failure --max-examples 200 "$KEYSRV_URL/openapi.json" >report || {
        cat report
        echo "found after $cases cases; see $folder" >&2
        exit 1
    }
    found=$(grep -oE '[0-9,]+ generated' report | tr -d ', a-z')
    cases=$((cases + found))
    rounds=$((rounds + 1))
    echo "$cases cases in $rounds rounds, $(($(date +%s) - began)) seconds"
done
# What the server calls its own fault stands in its log.
if grep -E 'ERROR|panicked' log; then exit 1; fi
curl --silent --fail --output /dev/null -u "$KEYSRV_TOKEN:" "$KEYSRV_URL/v1/verify" || {
    echo "the key that asked is gone, so that most was not tested" >&2
    exit 1
}
