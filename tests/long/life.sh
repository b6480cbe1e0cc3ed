#!/usr/bin/env bash
# A random life of keys against a small model, many times more sequences than the test command runs.
#
# Usage: tests/long/life.sh [SEQUENCES]   (10000)
set -euo pipefail
cd "$(dirname "$0")/../.."
time PROPTEST_CASES=${1:-10000} cargo test --locked --quiet --test it -- props::life
