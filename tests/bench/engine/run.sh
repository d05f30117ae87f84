#!/usr/bin/env bash
# One bed of scripts/bench: the engine alone, without sockets.
#   tests/bench/engine/run.sh BIN-DIR [--quick] [--json]
# First the Google Benchmarks (nanoseconds a packet, each alone; the column `median` is of batches,
# which other work on the machine disturbs least), then what is promised: sizes, and ratios of
# scenes that were run in turn.
set -euo pipefail

bin_dir=$1 json= quick=
shift
for option in "$@"; do
  case $option in
    --quick) quick=yes ;;
    --json) json=yes ;;
  esac
done
seconds=0.1
ratios=("$bin_dir/bench-ratios")
[ -z "$quick" ] || seconds=0.02 ratios+=(--rounds 11)
benchmarks=("$bin_dir/bench-engine" "--benchmark_min_time=$seconds")

if [ -n "$json" ]; then
  printf '{"benchmarks": %s, "promises": %s}' \
    "$("${benchmarks[@]}" --benchmark_format=json 2>/dev/null)" "$("${ratios[@]}" --json)"
else
  "${benchmarks[@]}" 2>/dev/null
  echo
  "${ratios[@]}"
fi
