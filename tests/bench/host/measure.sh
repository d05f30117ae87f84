#!/bin/bash
# Measures one real server's set-up in the present network namespace, which scripts/bench makes:
#   measure.sh PROGRAM PROFILE ROUNDS [PEER]
# The journal is in memory, as in /run, where it is on a host; "on-disk" is apply with the journal
# on a disk, where each step waits for the disk twice.
# Prints a line a sample: COMMAND MICROSECONDS. One sample is the wall time from before the shell
# forks until it has waited for the program; nothing is subtracted. Each round does all commands, so
# that they alternate with the peer's and all meet the same machine.
set -euo pipefail
program=$1 profile=$2 rounds=$3 peer=${4:-}

sample() { # sample NAME STATUS COMMAND...
  local name=$1 wanted=$2 status=0 from=$EPOCHREALTIME to
  shift 2
  "$@" >"$state/output" 2>&1 || status=$?
  to=$EPOCHREALTIME
  if [ "$status" -ne "$wanted" ]; then
    cat "$state/output" >&2
    echo "bench: $* ended with $status, not $wanted" >&2
    exit 1
  fi
  echo "$name $((${to/./} - ${from/./}))"
}

state=$(mktemp -d /dev/shm/lvskit-bench.XXXXXX)
disk=$(mktemp -d /var/tmp/lvskit-bench.XXXXXX)
trap 'rm -rf "$state" "$disk"' EXIT
export LVSKIT_STATE_DIR=$state
for ((round = 0; round < rounds; round++)); do
  sample plan 2 "$program" plan "$profile"
  sample apply 0 "$program" apply "$profile"
  sample check 0 "$program" check "$profile"
  sample apply-again 0 "$program" apply "$profile"
  sample revert 0 "$program" revert "$profile"
  sample apply-on-disk 0 "$program" apply "$profile" --state-dir "$disk"
  sample revert-on-disk 0 "$program" revert "$profile" --state-dir "$disk"
  if [ -n "$peer" ]; then
    sample peer-start 0 bash "$peer" start
    sample peer-stop 0 bash "$peer" stop
  fi
done
