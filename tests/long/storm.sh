#!/usr/bin/env bash
# Verifies without pause while keys are stopped in every way, so many times in each of the surroundings that
# tests/it/security/revocation.rs knows; not one that was begun after a stop may be accepted.
#
# Usage: tests/long/storm.sh [VERIFICATIONS]   (1000000)
set -euo pipefail
cd "$(dirname "$0")/../.."
time STORM_VERIFICATIONS=${1:-1000000} cargo test --locked --quiet --test it -- security::revocation --nocapture
