#!/usr/bin/env bash
# How many changes a second are acknowledged, each after it has reached the disk: keys created over HTTP by
# one client that waits for each answer, and by 64 at the same time, which share commits.
#
# What that gains depends on how long the disk takes. DISK_MS makes it take longer, as a cheap disk or
# one across a network does: a small library in front of the system's own lets each wait before it answers.
#
# Usage: benches/changes.sh [PROFILE]   (release, or dist)
# Settings: ROUNDS=3 SECONDS_A_RUN=3 DISK_MS="0 5"
# Needs: wrk, curl, and cc for a slower disk. Loopback only; ends what it started.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=${1:-release}
rounds=${ROUNDS:-3} seconds=${SECONDS_A_RUN:-3} disks=${DISK_MS:-0 5}
for program in wrk curl; do
    command -v "$program" >/dev/null || { echo "error: $program is missing (apt-get install wrk curl)" >&2; exit 1; }
done
cargo build --locked --quiet --profile "$profile" --bin keysrv
keysrv=${CARGO_TARGET_DIR:-target}/$profile/keysrv

work=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

cat >"$work/slow.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
static int slowly(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    struct timespec wait = {0, 1000000L * atoi(getenv("SLOW_MS"))};
    int answer = real(fd);
    nanosleep(&wait, 0);
    return answer;
}
int fsync(int fd) { return slowly("fsync", fd); }
int fdatasync(int fd) { return slowly("fdatasync", fd); }
C

measure() { # connections: prints changes a second, and how many a commit had
    local before after line
    before=$(counts)
    export RUN=r$RANDOM$RANDOM
    line=$(wrk -t1 -c"$1" -d"${seconds}s" -s benches/changes.lua "$url" | grep '^requests ')
    after=$(counts)
    echo "$line" | awk '{exit !($6 == 0 && $8 == 0)}' || { echo "error: not all were created: $line" >&2; exit 1; }
    echo "$line $before $after" | awk '{printf "%.0f %.1f %d %d\n", $2 / $4 * 1e6, ($15 - $13) / ($16 - $14), $10, $12}'
}
counts() {
    curl -s "$url/metrics" |
        awk '/^keysrv_store_changes_total / {n = $2} /^keysrv_store_commits_total\{kind="change"\}/ {c = $2} END {print n, c}'
}
middle() { sort -n | awk '{v[NR] = $0} END {print v[int((NR + 1) / 2)]}'; }

for disk in $disks; do
    data=$work/data-$disk
    "$keysrv" --data-dir "$data" init >/dev/null 2>&1
    token=$("$keysrv" --data-dir "$data" create maker --scope keys:write 2>/dev/null | tail -n 1)
    export BASIC="Basic $(printf '%s:' "$token" | base64 -w0)"
    : >"$work/listening-$disk"
    slow=()
    if [ "$disk" != 0 ]; then
        cc -shared -fPIC -o "$work/slow.so" "$work/slow.c" -ldl
        slow=(env "LD_PRELOAD=$work/slow.so" "SLOW_MS=$disk")
    fi
    "${slow[@]}" "$keysrv" --data-dir "$data" serve --listen 127.0.0.1:0 >"$work/listening-$disk" 2>"$work/log" &
    server=$!
    until grep -q '^listening on ' "$work/listening-$disk"; do sleep 0.01; done
    url=$(sed 's/^listening on //' "$work/listening-$disk")
    echo "== a disk that takes $disk ms longer"
    for ((n = 1; n <= rounds; n++)); do
        measure 1 >>"$work/one-$disk"
        measure 64 >>"$work/many-$disk"
    done
    one=$(middle <"$work/one-$disk") many=$(middle <"$work/many-$disk")
    echo "$one $many" | awk '{
        printf " 1 client    %6d changes a second, %5.1f a commit, p50 %6d us, p99 %6d us\n", $1, $2, $3, $4
        printf "64 clients   %6d changes a second, %5.1f a commit, p50 %6d us, p99 %6d us: %.1f times as many\n", $5, $6, $7, $8, $5 / $1 }'
    kill "$server"; wait "$server" || true; server=
done
