# Sourced by the beds that need a network: hosts, each in a network namespace of its own, on one
# bridge. Everything made here goes with clean_up, which runs when the bed ends.
# Uses: bin_dir.

prefix=lvskit-bench-$$
hosts=() started=()
scratch=$(mktemp -d /dev/shm/lvskit-bench.XXXXXX)

clean_up() {
  local pid host
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
  for host in "${hosts[@]}" fabric; do ip netns delete "$prefix-$host" 2>/dev/null || true; done
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 143' INT TERM

on() { # on HOST COMMAND...
  local host=$1
  shift
  ip netns exec "$prefix-$host" "$@"
}
start_on() { # start_on HOST COMMAND...: in the background, until the bed ends
  local host=$1
  shift
  ip netns exec "$prefix-$host" "$@" >"$scratch/$host.log" 2>&1 &
  started+=($!)
}
make_lan() {
  ip netns add "$prefix-fabric"
  on fabric ip link add lan type bridge
  on fabric ip link set lan up
}
add_host() { # add_host NAME LAST-OCTET
  hosts+=("$1")
  ip netns add "$prefix-$1"
  on fabric ip link add "$1" type veth peer name eth0 netns "$prefix-$1"
  on fabric ip link set "$1" master lan up
  on "$1" ip link set lo up
  on "$1" ip link set eth0 up
  on "$1" ip address add "192.168.1.$2/24" dev eth0
}
mac_of() { on "$1" cat /sys/class/net/eth0/address; }

take_vips() { # take_vips HOST VIP...: as a real server of dr does
  local host=$1 vip place
  shift
  for place in all eth0 lo; do
    on "$host" sysctl -qw "net.ipv4.conf.$place.arp_ignore=1" "net.ipv4.conf.$place.arp_announce=2"
  done
  for vip in "$@"; do on "$host" ip address add "$vip/32" dev lo; done
}

start_director() { # start_director HOST PROFILE-TEXT: and waits until it answers
  local profile=$scratch/$1.toml deadline=$((SECONDS + 20))
  printf '%s\n' "$2" >"$profile"
  start_on "$1" "$bin_dir/lvs-director" run "$profile" --state-dir "$scratch/$1"
  until on "$1" "$bin_dir/lvs-director" list --state-dir "$scratch/$1" >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      cat "$scratch/$1.log" >&2
      echo "bench: the director on $1 did not start" >&2
      exit 1
    fi
  done
}
