#!/usr/bin/env bash
# What a page of each list costs at very many keys, and how many bytes a key takes in the database.
#
# Makes the keys in a temporary folder (about 1 GB for a million), reads every list page by page, and
# prints the median and the 99th percentile of the time of a page, without HTTP around it.
#
# Usage: benches/lists.sh [PROFILE]
# Settings: KEYS=1000000
# Needs: sqlite3 for the bytes of each table and index; without it only their sum is told.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=${1:-release}
keys=${KEYS:-1000000}
cargo build --locked --quiet --profile "$profile" --example lists
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"${CARGO_TARGET_DIR:-target}/$profile/examples/lists" "$work/data" "$keys"

database=$work/data/keysrv.db
bytes=$(($(stat -c %s "$database") / keys))
echo
echo "$bytes bytes a key in the database"
if command -v sqlite3 >/dev/null && sqlite3 :memory: 'SELECT 1 FROM dbstat' >/dev/null 2>&1; then
    sqlite3 -separator ' ' "$database" \
        "SELECT printf('%6d', sum(pgsize) / $keys), name FROM dbstat GROUP BY name HAVING sum(pgsize) >= $keys ORDER BY 1 DESC"
fi
