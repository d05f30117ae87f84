# What the guest's tests share. A test is a list of checks, printed as TAP: each `check` names one
# thing that must be so, runs a command, and shows what the command printed when it failed.
# shellcheck shell=bash

tests=/lvskit/tests/guest
checks=0
failures=0

check() { # check "WHAT MUST BE SO" COMMAND...
  local name=$1 output
  shift
  checks=$((checks + 1))
  if output=$("$@" 2>&1); then
    echo "ok $checks - $name"
  else
    failures=$((failures + 1))
    echo "not ok $checks - $name"
    printf '%s\n' "\$ $*" "$output" | sed 's/^/    # /'
  fi
}

# The last line of a test: the plan, and the status that counts the failures.
finish() {
  echo "1..$checks"
  [ "$failures" -eq 0 ] && [ "$checks" -gt 0 ]
  exit
}

# Shows something of the run in the log, as comments.
show() {
  echo "# \$ $*"
  "$@" 2>&1 | sed 's/^/#   /'
}

# ---- statuses and texts

status_is() { # status_is N COMMAND...
  local wanted=$1 status=0
  shift
  "$@" || status=$?
  [ "$status" -eq "$wanted" ] || { echo "exit status $status, must be $wanted"; return 1; }
}

says() { # says TEXT COMMAND...: the command's output has the text; its status does not matter
  local text=$1 output
  shift
  output=$("$@" 2>&1)
  grep -qF -- "$text" <<<"$output" || { printf '%s\n' "$output" "does not say: $text"; return 1; }
}

fails() { ! "$@"; }

# ---- hosts and wires

on() { # on HOST COMMAND...
  local host=$1
  shift
  ip netns exec "$host" "$@"
}

# A LAN is a bridge in a namespace of its own.
make_lan() { # make_lan NAME
  ip netns add "$1"
  ip -n "$1" link add br0 type bridge
  ip -n "$1" link set br0 up
}

make_host() { # make_host NAME
  ip netns add "$1"
  # IPv6 addresses are usable at once, so that no dump meets them on probation.
  set_keys "$1" net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
  ip -n "$1" link set lo up
}

plug() { # plug HOST NIC LAN ADDRESS...
  local host=$1 nic=$2 lan=$3 address
  shift 3
  ip -n "$host" link add "$nic" type veth peer name "$host-$nic" netns "$lan"
  ip -n "$lan" link set "$host-$nic" master br0 up
  ip -n "$host" link set "$nic" up
  for address in "$@"; do
    case $address in
      *:*) ip -n "$host" address add "$address" dev "$nic" nodad ;;
      *) ip -n "$host" address add "$address" dev "$nic" ;;
    esac
  done
  wait_until "$nic of $host carries" carries "$host" "$nic"
}

carries() { [[ $(ip -n "$1" link show "$2") == *LOWER_UP*"state UP"* ]]; }

wait_until() { # wait_until WHAT COMMAND...: an event with a deadline
  local what=$1 end=$((SECONDS + 20))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || { echo "# waited in vain: $what"; return 1; }
  done
}

set_keys() { # set_keys HOST KEY=VALUE...
  local host=$1
  shift
  on "$host" sysctl -q -w "$@"
}

# ---- traffic

serve() { # serve HOST [PORT]: answers each connection with the host's name
  on "$1" python3 "$tests/traffic.py" serve "$1" "${2:-80}"
}

answers() { # answers HOST VIP COUNT "rs1=5 rs2=5": who answered HOST's connections to VIP:80
  local got
  got=$(on "$1" python3 "$tests/traffic.py" ask "$2" 80 "$3")
  [ "$got" = "$4" ] || { echo "answered: $got; must be: $4"; return 1; }
}

# ---- the whole of a host's network, for "nothing is left"

dump() { # dump HOST: all that lvskit or anybody sets up; no counters, no lifetimes
  on "$1" bash -c '
    ip -details address; ip -details link
    ip -4 route show table all; ip -6 route show table all; ip -4 rule; ip -6 rule
    ip neighbour show nud permanent; ip neighbour show proxy; ip -6 neighbour show proxy; ip maddress
    for link in /sys/class/net/*; do tc qdisc show dev "${link##*/}"; tc filter show dev "${link##*/}" ingress; done
    iptables-legacy-save; ip6tables-legacy-save; nft list ruleset
    cd /proc/sys/net; grep -rs . ipv4/conf ipv6/conf ipv4/ip_forward ipv4/ip_nonlocal_bind ipv4/vs' 2>/dev/null |
    sed -e '/^#/d' -e 's/\[[0-9]*:[0-9]*\]//' -e 's/ \(valid_lft\|preferred_lft\|expires\) [0-9a-z]*//g' |
    sed -e '/stable_secret/d'
}

remember() { dump "$1" >"/tmp/before.$1"; }

as_before() { # as_before HOST: since `remember`
  dump "$1" >"/tmp/after.$1"
  diff "/tmp/before.$1" "/tmp/after.$1"
}
