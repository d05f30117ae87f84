#!/usr/bin/env bash
# One bed of scripts/bench: the round trip of a datagram through a director at low load, beside a
# bare forwarder and the direct way, all in turn within one run. As root.
#   tests/bench/latency/run.sh BIN-DIR [--quick] [--json]
# One LAN of veth and a bridge. The client pings an echo of an ordinary socket on a real server:
#   direct        by the server's own address
#   bare-spin     by a bare forwarder that waits as the director does (spin up to 50 us, then poll)
#   bare-poll     by one that only polls
#   director-spin by a director of method dr with the default spin of 50 us
#   director-poll by one with spin = "0us"
#   nat-spin      by the first director's service of method nat: two passes, there and back
set -euo pipefail
cd "$(dirname "$0")/../../.."

bin_dir=$(realpath "$1") rounds=31 json=
shift
for option in "$@"; do
  case $option in
    --quick) rounds=7 ;;
    --json) json=--json ;;
  esac
done
. tests/bench/lan.sh

profile_of() { # profile_of HOST LAST-OCTET SPIN VIP [NAT-VIP]
  echo "name = \"bench\"
[[service]]
vip = \"$4\"
port = 9000
protocol = \"udp\"
method = \"dr\"
scheduler = \"rr\"
servers = [\"rs1\"]"
  if [ $# -gt 4 ]; then
    echo "[[service]]
vip = \"$5\"
port = 9000
protocol = \"udp\"
method = \"nat\"
scheduler = \"rr\"
servers = [\"rs2\"]"
  fi
  echo "[host.$1]
role = \"director\"
interface = \"eth0\"
address = \"192.168.1.$2/24\"
[host.rs1]
role = \"realserver\"
interface = \"eth0\"
address = \"192.168.1.91/24\"
[host.rs2]
role = \"realserver\"
interface = \"eth0\"
address = \"192.168.1.92/24\"
[engine]
spin = \"$3\""
}

bare() { # bare HOST VIP SPIN-US
  on client ip neighbour replace "$2" lladdr "$(mac_of "$1")" dev eth0 nud permanent
  start_on "$1" "$bin_dir/bench-latency" forward --vip "$2" --own-mac "$(mac_of "$1")" \
    --server-mac "$(mac_of rs1)" --spin-us "$3"
}

make_lan
add_host client 10
add_host rs1 91
add_host rs2 92
add_host lb1 90
add_host lb2 89
add_host bare1 88
add_host bare2 87
take_vips rs1 192.168.1.99 192.168.1.98 192.168.1.97 192.168.1.96
on rs2 ip route add 192.168.1.10/32 via 192.168.1.90
for last in 91 99 98 97 96; do start_on rs1 "$bin_dir/bench-latency" echo "192.168.1.$last:9000"; done
start_on rs2 "$bin_dir/bench-latency" echo 192.168.1.92:9000
bare bare1 192.168.1.97 50
bare bare2 192.168.1.96 0
start_director lb1 "$(profile_of lb1 90 50us 192.168.1.99 192.168.1.95)"
start_director lb2 "$(profile_of lb2 89 0us 192.168.1.98)"

measure() { # measure GAP-US
  on client "$bin_dir/bench-latency" ping --rounds "$rounds" --count 100 --gap-us "$1" $json \
    --target direct=192.168.1.91:9000 \
    --target bare-spin=192.168.1.97:9000 --target bare-poll=192.168.1.96:9000 \
    --target director-spin=192.168.1.99:9000 --target director-poll=192.168.1.98:9000 \
    --target nat-spin=192.168.1.95:9000 \
    --ratio director-spin/bare-spin=1.3 --ratio director-poll/bare-poll=1.3 \
    --ratio director-spin/bare-poll --ratio director-spin/direct --ratio nat-spin/direct
}

if [ -n "$json" ]; then
  printf '[%s, %s]' "$(measure 100)" "$(measure 2000)"
else
  for gap in 100 2000; do
    echo "a ping $gap us after the last one came back, $rounds rounds of 100"
    measure "$gap"
    echo
  done
fi
