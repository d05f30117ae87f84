#!/usr/bin/env bash
# One bed of scripts/bench: what a director takes of one processor while it has next to nothing to
# do. As root. For 30 seconds (--quick: 15) a client sends it one datagram a second; user and system
# time of all its threads are read before and after, to the nanosecond.
#   tests/bench/idle/run.sh BIN-DIR [--quick] [--json]
set -euo pipefail
cd "$(dirname "$0")/../../.."

bin_dir=$(realpath "$1") seconds=30 json=
shift
for option in "$@"; do
  case $option in
    --quick) seconds=15 ;;
    --json) json=yes ;;
  esac
done
limit=0.5
. tests/bench/lan.sh

make_lan
add_host client 10
add_host rs1 91
add_host lb1 90
take_vips rs1 192.168.1.99
start_on rs1 "$bin_dir/bench-latency" echo 192.168.1.99:9000
start_director lb1 'name = "bench"
[[service]]
vip = "192.168.1.99"
port = 9000
protocol = "udp"
method = "dr"
servers = ["rs1"]
[host.lb1]
role = "director"
interface = "eth0"
address = "192.168.1.90/24"
[host.rs1]
role = "realserver"
interface = "eth0"
address = "192.168.1.91/24"'
director=${started[-1]}

# Nanoseconds on a processor, of all threads: the first number of each schedstat.
used() { cat /proc/"$director"/task/*/schedstat | awk '{ sum += $1 } END { printf "%.0f", sum }'; }

# Resolves neighbours. (Ten pings more than are counted: those that warm up.)
on client "$bin_dir/bench-latency" ping --target x=192.168.1.99:9000 --rounds 1 --count 1 >/dev/null
before=$(used) from=$EPOCHREALTIME
on client "$bin_dir/bench-latency" ping --target x=192.168.1.99:9000 --rounds 1 \
  --count $((seconds - 10)) --gap-us 1000000 >/dev/null
after=$(used) to=$EPOCHREALTIME

percent=$(awk -v used=$((after - before)) -v wall=$((${to/./} - ${from/./})) \
  'BEGIN { printf "%.3f", used / 10 / wall }')
met=$(awk -v p="$percent" -v l="$limit" 'BEGIN { print (p <= l ? "true" : "false") }')
if [ -n "$json" ]; then
  printf '{"seconds": %d, "frames_a_second": 1, "percent": %s, "limit": %s, "met": %s}' \
    "$seconds" "$percent" "$limit" "$met"
else
  echo "$seconds s with one frame a second: $percent % of one processor (limit $limit %): $(
    [ "$met" = true ] && echo met || echo MISSED)"
fi
