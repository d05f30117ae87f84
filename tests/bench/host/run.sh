#!/usr/bin/env bash
# One bed of scripts/bench: what setting a host up takes, beside the kind of script that it replaces.
# As root; all of it happens in a network namespace of its own, which goes with the last sample.
#   tests/bench/host/run.sh BIN-DIR [--quick] [--json]
# --quick: 5 rounds instead of 25.
set -euo pipefail
cd "$(dirname "$0")/../../.."

bin_dir=$1 rounds=25 json=
shift
for option in "$@"; do
  case $option in
    --quick) rounds=5 ;;
    --json) json=yes ;;
  esac
done

# NAME ADDRESS PEER: the host that is measured, and who does the same for the comparison.
hosts=("dr 192.168.1.91/24 tests/bench/host/published-dr.sh" "tun 192.168.1.91/24" "nat 192.168.1.91/24")
space=lvskit-bench-$$
results=$(mktemp -d)
clean_up() {
  ip netns delete "$space" 2>/dev/null || true
  rm -rf "$results"
}
trap clean_up EXIT

make_host() { # make_host ADDRESS
  ip netns add "$space"
  ip -n "$space" link set lo up
  ip -n "$space" link add eth0 type veth peer name wire
  ip -n "$space" link set wire up
  ip -n "$space" link set eth0 up
  ip -n "$space" address add "$1" dev eth0
}

measure() { # measure NAME ADDRESS [PEER]
  make_host "$2"
  ip netns exec "$space" bash tests/bench/host/measure.sh "$bin_dir/lvs-realserver" \
    "tests/bench/host/$1.toml" "$rounds" "${3:-}" | sed "s/^/$1 /" >>"$results/samples"
  ip netns delete "$space"
}

# "NAME COMMAND MICROSECONDS" lines -> "NAME COMMAND MEDIAN MIN MAX COUNT" in milliseconds.
summarise() {
  sort -k1,2 -k3n -s "$results/samples" | awk '
    function flush() {
      if (n) printf "%s %.1f %.1f %.1f %d\n", group,
        (v[int((n + 1) / 2)] + v[int(n / 2) + 1]) / 2000, v[1] / 1000, v[n] / 1000, n
      n = 0
    }
    $1 " " $2 != group { flush(); group = $1 " " $2 }
    { v[++n] = $3 }
    END { flush() }' >"$results/summary"
}

median() { awk -v key="$1 $2" '$1 " " $2 == key { print $3 }' "$results/summary"; }
ratio() { awk -v a="$(median dr apply)" -v b="$(median dr peer-start)" 'BEGIN { printf "%.2f", a / b }'; }

print_text() {
  echo "Host set-up, one host, $rounds rounds, in milliseconds"
  echo
  awk 'BEGIN { printf "%-8s %-15s %8s %8s %8s\n", "profile", "command", "median", "min", "max" }
       { printf "%-8s %-15s %8s %8s %8s\n", $1, $2, $3, $4, $5 }' "$results/summary"
  echo
  echo "dr: apply / published script's start = $(ratio)"
}

print_json() {
  printf '{"schema": 1, "program": "bench", "command": "host", "rounds": %d, "unit": "ms", "result": [' "$rounds"
  awk '{ printf "%s{\"profile\": \"%s\", \"command\": \"%s\", \"median\": %s, \"min\": %s, \"max\": %s}",
         (NR > 1 ? ", " : ""), $1, $2, $3, $4, $5 }' "$results/summary"
  printf '], "ratio_dr_apply_to_published": %s}\n' "$(ratio)"
}

for host in "${hosts[@]}"; do
  read -r name address peer <<<"$host"
  [ -f "tests/bench/host/$name.toml" ] || continue
  measure "$name" "$address" "$peer"
done
summarise
if [ -n "$json" ]; then print_json; else print_text; fi
