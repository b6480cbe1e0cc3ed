#!/usr/bin/env bash
# What a verification costs, as a ratio to an actix handler that returns a constant.
#
# Both servers run one worker on core 0 while wrk runs on core 1; every kind of request is measured right
# after the constant, several rounds, since these figures only mean something side by side. CPU time a
# request is what /proc says the server used, divided by the requests that it answered: also what it did
# beside them, such as writing the counts of use. Forward auth is compared with the constant under the same
# headers. Then how long a verification takes in quiet, and beside sign-ins and a crawl of the pages, and
# what a person waits for: commands, the server's start, its memory, each page. docs/performance.md reads it.
#
# Usage: benches/verify.sh [PROFILE]   (dist, or release: sooner built, a little slower)
# Settings: KEYS=100000 ROUNDS=9 SECONDS_A_RUN=2; FLAME=FILE.svg draws where the time goes, with perf
# Needs: wrk, taskset, curl. Loopback only; ends what it started.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=${1:-dist}
keys=${KEYS:-100000} rounds=${ROUNDS:-9} seconds=${SECONDS_A_RUN:-2} flame=${FLAME:-}
for program in wrk taskset curl ${flame:+perf}; do
    command -v "$program" >/dev/null || { echo "error: $program is missing (apt-get install wrk util-linux curl linux-perf)" >&2; exit 1; }
done

if [ -n "$flame" ]; then
    export "CARGO_PROFILE_${profile^^}_DEBUG=line-tables-only" "CARGO_PROFILE_${profile^^}_STRIP=none"
fi
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

serve() { # core or "any": starts a server, sets server and url
    local pin=()
    [ "$1" = any ] || pin=(taskset -c "$1")
    : >"$work/listening"
    "${pin[@]}" "$keysrv" --data-dir "$work/data" serve --listen 127.0.0.1:0 --workers 1 >"$work/listening" 2>"$work/log" &
    server=$!
    started+=("$server")
    until grep -q '^listening on ' "$work/listening"; do sleep 0.002; done
    url=$(sed 's/^listening on //' "$work/listening")
}
stop() { kill "$server"; wait "$server" || true; }

echo "== commands"
timed "init" data init
timed "create" data create one
timed "list, one key" data list
timed "create --count $keys" data create n --count "$keys"
cp "$work/out" "$work/all"
awk -v n="$keys" 'NR % int(n / 1000 + 1) == 0 || n <= 1000' "$work/all" | head -n 1000 >"$work/tokens"
data create limited --count 100 --rate 1000000/1 --quota 1000000000000/month >"$work/limited" 2>/dev/null
data create gone --count 100 >"$work/unknown" 2>/dev/null
for name in $(seq -f 'gone-%g' 100); do data delete "$name" --yes; done >"$work/out" 2>&1
sed 's/$/x/' "$work/tokens" >"$work/malformed"
timed "create, at $keys keys" data create another
timed "list --limit 50, at $keys keys" data list --limit 50
for ((n = 1; n < 10; n++)); do echo "GET /service-$n/*/items/* unified:read"; done >"$work/rules"
echo 'GET /unified/* unified:read' >>"$work/rules"
data route add --from - <"$work/rules" >"$work/out" 2>&1
printf 'benchmark password' | data user add bench --password-stdin 2>/dev/null

echo "== server, at $keys keys"
start=$(now_ms)
serve 0
printf '%-34s %6d ms\n' "ready" $(($(now_ms) - start))
memory() { printf '%-34s %6d KiB\n' "$1" "$(awk '/VmRSS/ {print $2}' "/proc/$server/status")"; }
memory "memory, idle"

port=$((20000 + RANDOM % 10000))
taskset -c 0 "$constant" "127.0.0.1:$port" &
yardstick=$!
started+=("$yardstick")
until curl -s -o "$work/out" "http://127.0.0.1:$port/v1/verify"; do sleep 0.01; done

ticks=$(getconf CLK_TCK)
cpu_ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
run() { # name, process, url, target, tokens, "all" or "none" to be let through: CPU microseconds a request
    local before after line
    before=$(cpu_ticks "$2")
    line=$(TOKENS=$work/$5 TARGET=$4 taskset -c 1 wrk -t1 -c32 -d"${seconds}s" -s benches/tokens.lua "$3" | grep '^requests ')
    after=$(cpu_ticks "$2")
    echo "$line" | awk -v want="$6" '{exit !($6 == 0 && (want == "all" ? $4 == 0 : $4 == $2))}' ||
        { echo "error: $1 was not answered as it should be: $line" >&2; exit 1; }
    echo "$line" | awk -v t=$((after - before)) -v hz="$ticks" '{printf "%.3f\n", t / hz * 1e6 / $2}' >>"$work/us-$1"
}

# Each kind right after the constant, since the machine's own speed changes from second to second.
pair() { # name, server's target, tokens, "all" or "none" to be let through
    run "constant-$1" "$yardstick" "http://127.0.0.1:$port" /v1/verify tokens all
    run "$1" "$server" "$url" "$2" "$3" "$4"
}
original='X-Forwarded-For: 203.0.113.7|X-Original-Method: GET|X-Original-URI: /unified/hris/employees/17?page=2'
original+='|X-Forwarded-Method: GET|X-Forwarded-Uri: /unified/hris/employees/17?page=2'
kinds=(verify verify-scope limited malformed missing-scope unknown nginx forward envoy)
round() {
    pair verify /v1/verify tokens all
    pair verify-scope '/v1/verify?scope=platform:read' tokens all
    pair limited /v1/verify limited all
    pair malformed /v1/verify malformed none
    pair missing-scope '/v1/verify?scope=nobody:has' tokens none
    pair unknown /v1/verify unknown none
    export HEADERS=$original
    pair nginx /auth/nginx tokens all
    pair forward /auth/forward tokens all
    pair envoy /auth/envoy/default/unified/hris/employees/17?page=2 tokens all
    export -n HEADERS
}
# Once and afterwards, since to write down very many used keys goes on for a while.
first_look_up() {
    stop
    serve 0
    run constant-cold "$yardstick" "http://127.0.0.1:$port" /v1/verify tokens all
    export ONCE=1
    run cold "$server" "$url" /v1/verify all all
    export -n ONCE
}
echo "== CPU a request, one core, 32 connections, $(wc -l <"$work/tokens") keys in turn of $keys"
for ((n = 1; n <= rounds; n++)); do round; done
memory "memory, after a thousand keys"
first_look_up
memory "memory, after very many keys"

spread() { sort -n | awk '{v[NR] = $1} END {printf "%.2f (%.2f to %.2f)", v[int((NR + 1) / 2)], v[1], v[NR]}'; }
for name in "${kinds[@]}" cold; do
    us=$(spread <"$work/us-$name")
    constant_us=$(spread <"$work/us-constant-$name")
    ratio=$(paste "$work/us-$name" "$work/us-constant-$name" | awk '{print $1 / $2}' | spread)
    printf '%-14s %-24s µs   constant %-24s µs   %s ×\n' "$name" "$us" "$constant_us" "$ratio"
done

if [ -n "$flame" ]; then
    TOKENS=$work/tokens TARGET=/v1/verify taskset -c 1 wrk -t1 -c32 -d8s -s benches/tokens.lua "$url" >"$work/out" &
    perf record --quiet --call-graph dwarf,8192 -F 499 -p "$server" -o "$work/perf" -- sleep 6 2>/dev/null
    wait $!
    perf script -i "$work/perf" 2>/dev/null | benches/flame.py >"$flame"
    echo "== where the time goes: $flame; most of it:"
    perf report -i "$work/perf" --no-children -g none --percent-limit 1 --stdio 2>/dev/null | grep -E '^ +[0-9]' | head -n 30
fi
stop

echo "== time of a verification, four connections with a pause between two requests"
serve any
latency() { # name
    TOKENS=$work/tokens TARGET=/v1/verify PAUSE=2 wrk -t1 -c4 -d"$((seconds * 3))s" -s benches/tokens.lua "$url" |
        awk -v name="$1" '/^requests/ {printf "%-34s p50 %6d µs   p99 %6d µs   %d requests\n", name, $8, $10, $2}'
}
curl -s -o /dev/null -c "$work/jar" -H "Origin: $url" --data-urlencode name=bench \
    --data-urlencode 'password=benchmark password' "$url/sign-in"
id=$(data list --limit 1 --json | sed 's/^{"data":\[{"id":"\([^"]*\)".*/\1/')
pages=(/sign-in /p/default/keys '/p/default/keys?q=n-777' '/p/default/keys?sort=last_used' '/p/default/keys?status=disabled'
    '/p/default/keys?unused=90' /p/default/keys/new "/p/default/keys/$id" /p/default/accounts /server/audit)
# Asked by wrk as well: a hundred programs that start would take more of this machine than the server does.
PAGES=$(printf '%s\n' "${pages[@]}")
COOKIE=$(awk '$6 ~ /session$/ {print $6 "=" $7}' "$work/jar")
export PAGES COOKIE ORIGIN=$url SIGN_INS=100
beside() { # name, scripts...: a verification's time while wrk runs each of them
    local name=$1 others=() script
    shift
    for script in "$@"; do
        # One connection reads page after page; a hundred each sign in once.
        wrk -t1 -c"$([ "$script" = pages ] && echo 1 || echo "$SIGN_INS")" -d"$((seconds * 3))s" \
            -s "benches/$script.lua" "$url" >"$work/$script" &
        others+=("$!")
        started+=("$!")
    done
    latency "$name"
    wait "${others[@]}"
}
# The first look-up of each key, and whatever was left to write from before.
latency "warming up" >"$work/out"
latency "quiet"
beside "beside a crawl of the pages" pages
beside "beside 100 sign-ins" sign_ins
beside "beside both" pages sign_ins
awk '/requests in/ {print "sign-ins: " $1 " answered"}' "$work/sign_ins"

echo "== pages, time until the whole answer, median of 20"
for path in "${pages[@]}"; do
    for _ in $(seq 20); do
        curl -s -o /dev/null -b "$work/jar" -w '%{time_total} %{http_code} %{size_download}\n' "$url$path"
    done | sort -n | awk -v path="${path//$id/ID}" 'NR == 10 {printf "%-40s %6.1f ms   %s   %d bytes\n", path, $1 * 1000, $2, $3}'
done
