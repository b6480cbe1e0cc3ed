#!/usr/bin/env bash
# Weakens or moves each line that the order of commits, looks, readers and verifications hangs on, one at
# a time in a copy of the sources, and requires that a test of app/key_cache/model then fails.
#
# Usage: tests/long/mutations.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
n_survived=0

# The two files stand by themselves, so that each change is compiled in a few seconds.
mkdir -p "$copy/src/key_cache"
cp src/app/key_cache/{marks,model}.rs "$copy/src/key_cache"
cat >"$copy/Cargo.toml" <<'TOML'
[package]
name = "mutated"
version = "0.0.0"
edition = "2024"
[dependencies]
loom = "0.7"
[profile.dev]
opt-level = 2
[workspace]
TOML
cat >"$copy/src/lib.rs" <<'RS'
pub mod key_cache {
    pub mod marks;
    #[cfg(test)]
    mod model;
}
pub mod store {
    pub mod watch {
        pub const LOOK_INTERVAL: std::time::Duration = std::time::Duration::from_millis(5);
    }
}
RS

# passes: whether the model holds in the copy.
passes() { (cd "$copy" && timeout 600 cargo test --quiet --lib >"$copy/out" 2>&1); }

# mutate WHAT FILE PYTHON: PYTHON turns `s`, the file's text, into another.
mutate() {
    cp "src/app/key_cache/$2" "$copy/before"
    python3 - "$copy/src/key_cache/$2" "$3" <<'PY'
import sys
path, change = sys.argv[1:]
before = open(path).read()
scope = {"s": before}
exec(change, scope)
assert scope["s"] != before, "nothing was changed: " + change
open(path, "w").write(scope["s"])
PY
    if passes; then
        echo "SURVIVED  $1"
        n_survived=$((n_survived + 1))
    else
        # Not for another reason, such as that it does not compile.
        grep -q "panicked at" "$copy/out" || { tail -20 "$copy/out"; exit 1; }
        echo "fails     $1"
    fi
    cp "$copy/before" "$copy/src/key_cache/$2"
}

passes || { cat "$copy/out"; exit 1; }
echo "passes    unchanged"

marks=marks.rs
mutate "the number is given out without release" $marks \
    's = s.replace("self.number.store(number, Ordering::Release)", "self.number.store(number, Ordering::Relaxed)")'
mutate "the number is taken without acquire" $marks \
    's = s.replace("self.number.load(Ordering::Acquire)", "self.number.load(Ordering::Relaxed)")'
mutate "a look counts, by its time, without release" $marks \
    's = s.replace("self.looked_at.store(began, Ordering::Release)", "self.looked_at.store(began, Ordering::Relaxed)")'
mutate "a look's time is believed without acquire" $marks \
    's = s.replace("self.looked_at.load(Ordering::Acquire)", "self.looked_at.load(Ordering::Relaxed)")'
mutate "a look counts, by its commits, without release" $marks \
    's = s.replace("self.commits_then.store(commits, Ordering::Release)", "self.commits_then.store(commits, Ordering::Relaxed)")'
mutate "a look's commits are believed without acquire" $marks \
    's = s.replace("self.commits_then.load(Ordering::Acquire)", "self.commits_then.load(Ordering::Relaxed)")'
mutate "a look counts before it has marked" $marks '
line = "        self.mark(&changed);\n"
after = "        self.commits_then.store(commits, Ordering::Release);\n"
s = s.replace(line, "").replace(after, after + line)'
mutate "nothing is marked" $marks \
    's = s.replace("place.store(number, Ordering::Relaxed)", "drop(place)")'
mutate "a mark of a higher number makes nothing old" $marks \
    's = s.replace("marked.load(Ordering::Relaxed) <= number", "marked.load(Ordering::Relaxed) <= number + 1")'
mutate "a look counts whatever was committed since" $marks \
    's = s.replace("of == commits && at", "at")'
mutate "a look counts for one instant longer" $marks \
    's = s.replace("< self.interval_ns", "<= self.interval_ns")'
mutate "a look counts the commits after it has asked the database" $marks '
line = "        let changed = see()?;\n"
s = s.replace("        let commits = commits();\n", "        let first = commits();\n").replace("fresh(commits, began) {\n            return Ok(());\n        }\n" + line, "fresh(first, began) {\n            return Ok(());\n        }\n" + line + "        let commits = commits();\n")'
mutate "a reader takes its number after it has read" $marks '
line = "        let number = self.number.load(Ordering::Acquire);\n        (number, read())\n"
s = s.replace(line, "        let read = read();\n        (self.number.load(Ordering::Acquire), read)\n")'
mutate "the commit is counted without release" model.rs \
    's = s.replace("self.commits.fetch_add(1, Ordering::Release)", "self.commits.fetch_add(1, Ordering::Relaxed)")'
mutate "the commit is counted before it is durable" model.rs '
line = "        self.commits.fetch_add(1, Ordering::Release);\n"
s = s.replace(line, "").replace("        self.database.store(2", line + "        self.database.store(2", 1)'
mutate "a look reads the count of commits without acquire" model.rs \
    's = s.replace("look(|| self.commits.load(Ordering::Acquire)", "look(|| self.commits.load(Ordering::Relaxed)")'
mutate "a snapshot counts whatever was committed since" model.rs \
    's = s.replace("counts(*since, commits, began)", "counts(Begun { of: commits, ..*since }, commits, began)")'
mutate "a snapshot counts however old it is" model.rs \
    's = s.replace("counts(*since, commits, began)", "counts(Begun { at: began, ..*since }, commits, began)")'
mutate "a snapshot counts the commits after it was begun" model.rs '
line = "(value, number, Begun { of: commits, at: began })"
s = s.replace(line, "(value, number, Begun { of: self.commits.load(Ordering::Acquire), at: began })")'

echo "$n_survived survived"
[ "$n_survived" = 0 ]
