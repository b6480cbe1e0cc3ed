#!/usr/bin/env bash
# What a verification costs, as a ratio to an actix handler that returns a constant.
#
# Both servers run one worker on core 0 while wrk runs on core 1; they are measured in turn, several
# rounds, in one run, since these figures only mean something side by side. CPU time a request is
# what /proc says the server used, divided by the requests that it answered. The same for forward auth,
# as nginx and as other proxies ask it, with ten route rules and with ten thousand. Then what a person
# waits for: commands, the server's start, its memory, and each page's time, at KEYS keys.
#
# Usage: benches/verify.sh [PROFILE]   (release, or dist: slower to build, a little faster)
# Settings: KEYS=100000 ROUNDS=5 SECONDS_A_RUN=4
# Needs: wrk, taskset, curl. Loopback only; ends what it started.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=${1:-release}
keys=${KEYS:-100000} rounds=${ROUNDS:-5} seconds=${SECONDS_A_RUN:-4}
for program in wrk taskset curl; do
    command -v "$program" >/dev/null || { echo "error: $program is missing (apt-get install wrk util-linux curl)" >&2; exit 1; }
done

cargo build --locked --quiet --profile "$profile" --bin keysrv --example constant
folder=${CARGO_TARGET_DIR:-target}/$profile
keysrv=$folder/keysrv constant=$folder/examples/constant

work=$(mktemp -d)
started=()
finish() {
    for id in "${started[@]}"; do kill "$id" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
data() { "$keysrv" --data-dir "$work/data" "$@"; }
now_ms() { date +%s%3N; }

timed() { # name, command...
    local name=$1 start
    shift
    start=$(now_ms)
    "$@" >"$work/out" 2>/dev/null
    printf '%-34s %6d ms\n' "$name" $(($(now_ms) - start))
}

echo "== commands"
timed "init" data init
timed "create" data create one
timed "list, one key" data list
timed "create --count $keys" data create n --count "$keys"
awk -v n="$keys" 'NR % int(n / 1000 + 1) == 0 || n <= 1000' "$work/out" | head -n 1000 >"$work/tokens"
timed "create, at $keys keys" data create another
timed "list --limit 50, at $keys keys" data list --limit 50

echo "== server, at $keys keys"
printf 'benchmark password' | data user add bench --password-stdin 2>/dev/null
start=$(now_ms)
: >"$work/listening"
taskset -c 0 "$keysrv" --data-dir "$work/data" serve --listen 127.0.0.1:0 --workers 1 >"$work/listening" 2>"$work/log" &
server=$!
started+=("$server")
until grep -q '^listening on ' "$work/listening"; do sleep 0.002; done
printf '%-34s %6d ms\n' "ready" $(($(now_ms) - start))
url=$(sed 's/^listening on //' "$work/listening")
printf '%-34s %6d KiB\n' "memory, idle" "$(awk '/VmRSS/ {print $2}' "/proc/$server/status")"

taskset -c 0 "$constant" 127.0.0.1:18089 &
yardstick=$!
started+=("$yardstick")
until curl -s -o "$work/out" http://127.0.0.1:18089/v1/verify; do sleep 0.01; done

ticks=$(getconf CLK_TCK)
cpu_ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
run() { # process, url, target: prints CPU microseconds a request
    local before after line
    before=$(cpu_ticks "$1")
    line=$(TOKENS=$work/tokens TARGET=$3 taskset -c 1 wrk -t1 -c32 -d"${seconds}s" -s benches/tokens.lua "$2" | grep '^requests ')
    after=$(cpu_ticks "$1")
    [ "$(echo "$line" | awk '{print $4}')" = 0 ] || { echo "error: refused requests: $line" >&2; exit 1; }
    echo "$line" | awk -v t=$((after - before)) -v hz="$ticks" '{printf "%.3f\n", t / hz * 1e6 / $2}'
}

echo "== CPU a request, one core, 32 connections, $(wc -l <"$work/tokens") keys in turn of $keys"
for ((round = 1; round <= rounds; round++)); do
    run "$yardstick" http://127.0.0.1:18089 /v1/verify >>"$work/constant"
    run "$server" "$url" /v1/verify >>"$work/verify"
    run "$server" "$url" '/v1/verify?scope=platform:read' >>"$work/verify-scope"
done

original='X-Forwarded-For: 203.0.113.7|X-Original-Method: GET|X-Original-URI: /unified/hris/employees/17?page=2'
original+='|X-Forwarded-Method: GET|X-Forwarded-Uri: /unified/hris/employees/17?page=2'
rules() { # count: lines for `route add`, the last of which decides
    for ((n = 1; n < $1; n++)); do echo "GET /service-$n/*/items/* unified:read"; done
    echo 'GET /unified/* unified:read'
}
for count in 10 10000; do
    rules "$count" | data route add --from - 2>/dev/null
    for ((round = 1; round <= rounds; round++)); do
        export HEADERS=$original
        run "$yardstick" http://127.0.0.1:18089 /v1/verify >>"$work/constant-$count"
        run "$server" "$url" /auth/nginx >>"$work/nginx-$count"
        run "$server" "$url" /auth/forward >>"$work/forward-$count"
        export -n HEADERS
    done
done
spread() { sort -n | awk '{v[NR] = $1} END {printf "%.2f (%.2f to %.2f)", v[int((NR + 1) / 2)], v[1], v[NR]}'; }
summary() { # name, yardstick: the median with its spread, and that of the rounds' ratios
    local us ratio
    us=$(spread <"$work/$1")
    ratio=$(paste "$work/$1" "$work/$2" | awk '{print $1 / $2}' | spread)
    printf '%-14s %-24s µs   %s ×\n' "$1" "$us" "$ratio"
}
for name in constant verify verify-scope; do summary "$name" constant; done
for count in 10 10000; do
    for name in constant nginx forward; do summary "$name-$count" "constant-$count"; done
done

echo "== pages, time until the whole answer, median of 20"
curl -s -o /dev/null -c "$work/jar" -H "Origin: $url" --data-urlencode name=bench \
    --data-urlencode 'password=benchmark password' "$url/sign-in"
id=$(data list --limit 1 --json | sed 's/^{"data":\[{"id":"\([^"]*\)".*/\1/')
for path in /sign-in /p/default/keys '/p/default/keys?q=n-777' '/p/default/keys?sort=last_used' '/p/default/keys?status=disabled' \
    '/p/default/keys?unused=90' /p/default/keys/new "/p/default/keys/$id" /p/default/accounts /server/audit; do
    for _ in $(seq 20); do
        curl -s -o /dev/null -b "$work/jar" -w '%{time_total} %{http_code} %{size_download}\n' "$url$path"
    done | sort -n | awk -v path="${path//$id/ID}" 'NR == 10 {printf "%-40s %6.1f ms   %s   %d bytes\n", path, $1 * 1000, $2, $3}'
done
