#pragma once

#include <string_view>

// The functions of an exported script. Each that changes something first notes in the state file
// how it is taken back, as a line of shell; `down` carries those lines out, the newest first.

namespace lvs::profiles {

/// Functions with an empty line between them: a script gets those that it uses.
inline constexpr std::string_view kShellLibrary = R"sh(
say() { printf '%s\n' "$*"; }
give_up() { say "$0: $*" >&2; exit 1; }
remember() { printf '%s\n' "$*" >>"$state"; }
value_of() { cat "/proc/sys/$1"; }

# One of the words after the first is the first.
is_one_of() {
  wanted=$1
  shift
  for word in "$@"; do [ "$wanted" != "$word" ] || return 0; done
  return 1
}

# KEY VALUE GOOD...: writes the value unless a good one is there.
set_sysctl() {
  key=$1 value=$2
  shift 2
  [ -e "/proc/sys/$key" ] || give_up "this kernel has no sysctl $key"
  old=$(value_of "$key")
  if is_one_of "$old" "$@"; then return; fi
  remember "put_back_sysctl '$key' '$old' '$value'"
  printf '%s\n' "$value" >"/proc/sys/$key"
}
put_back_sysctl() {
  [ -e "/proc/sys/$1" ] || return 0
  if [ "$(value_of "$1")" = "$3" ]; then printf '%s\n' "$2" >"/proc/sys/$1"
  else say "$1 was changed by somebody else, it stays as it is"; fi
}

# LINK SETTING: what the kernel makes of the value for all and the link's own, by max or or.
effective() {
  all=$(value_of "net/ipv4/conf/all/$2") own=$(value_of "net/ipv4/conf/$1/$2")
  if [ "$3" = or ]; then
    if [ "$all" -ne 0 ] || [ "$own" -ne 0 ]; then say 1; else say 0; fi
  elif [ "$all" -ge "$own" ]; then say "$all"
  else say "$own"; fi
}

# LINK SETTING max|or GOOD: fails when the combined value is none of the good ones.
check_effective() {
  now=$(effective "$1" "$2" "$3")
  # shellcheck disable=SC2086
  is_one_of "$now" $4 || give_up "effective $2 on $1 is $now, must be one of: $4"
}

# LINK SETTING max|or GOOD VALUE...: tries the values for the link's own until it is good.
repair_effective() {
  link=$1 setting=$2 how=$3 good=$4
  shift 4
  for try in "$@"; do
    # shellcheck disable=SC2086
    is_one_of "$(effective "$link" "$setting" "$how")" $good && return
    set_sysctl "net/ipv4/conf/$link/$setting" "$try" "$try"
  done
  check_effective "$link" "$setting" "$how" "$good"
}

# LINK SETTING: 0 for the link although the kernel takes the larger of all and its own; every other
# link keeps what all said, and so does default. Its own value is written first, even a 0 over a 0:
# the kernel copies what is written to default into each link whose own value nobody ever wrote.
lower() {
  ruling=$(value_of "net/ipv4/conf/all/$2")
  own=$(value_of "net/ipv4/conf/$1/$2")
  remember "put_back_sysctl 'net/ipv4/conf/$1/$2' '$own' 0"
  printf '0\n' >"/proc/sys/net/ipv4/conf/$1/$2"
  for place in /proc/sys/net/ipv4/conf/*/; do
    place=${place%/}
    place=${place##*/}
    is_one_of "$place" all default "$1" || raise "net/ipv4/conf/$place/$2" "$ruling"
  done
  raise "net/ipv4/conf/default/$2" "$ruling"
  set_sysctl "net/ipv4/conf/all/$2" 0 0
}
raise() { [ "$(value_of "$1")" -ge "$2" ] || set_sysctl "$1" "$2" "$2"; }

need_link() { ip link show dev "$1" >/dev/null 2>&1 || give_up "there is no interface $1"; }
need_address() {
  [ -n "$(ip -o address show dev "$1" to "$2")" ] || give_up "$2 is not on $1; it must be there"
}

# ADDRESS/LEN LINK SCOPE: with the label LINK:N, N the lowest that is free.
add_address() {
  there=$(ip -o address show to "${1%/*}")
  case $there in
    '') ;;
    *" $2 "*" $1 scope $3 "*) return ;;
    *) give_up "$1 cannot be added to $2, this is there: $there" ;;
  esac
  number=0
  while [ -n "$(ip -o address show dev "$2" label "$2:$number")" ]; do number=$((number + 1)); done
  label=$2:$number
  [ ${#label} -le 15 ] || label=$2
  remember "ip address delete '$1' dev '$2' label '$label' 2>/dev/null || true"
  ip address add "$1" dev "$2" label "$label" scope "$3"
}

# ADDRESS/128 LINK [nodad]: deprecated, so that the host itself never sends from it unasked.
add_address6() {
  [ -z "$(ip -6 -o address show dev "$2" to "$1")" ] || return 0
  remember "ip -6 address delete '$1' dev '$2' 2>/dev/null || true"
  # shellcheck disable=SC2086
  ip -6 address add "$1" dev "$2" preferred_lft 0 ${3:-}
}

# FAMILY WORDS...: a route of ours (protocol 76) unless one to the same place is there.
add_route() {
  family=$1
  shift
  [ -z "$(ip "$family" route show "$1" "$2" "$3")" ] || return 0
  remember "ip $family route delete $* proto 76 2>/dev/null || true"
  ip "$family" route add "$@" proto 76
}

# FAMILY GATEWAY LINK: everything leaves by the gateway; a default route that is there stays.
add_default_route() {
  lowest=$(ip "$1" route show default | awk '
    { metric = 0; for (i = 1; i < NF; i++) if ($i == "metric") metric = $(i + 1)
      if (NR == 1 || metric < lowest) lowest = metric } END { if (NR) print lowest }')
  [ -z "$(ip "$1" route show default via "$2" dev "$3" metric "${lowest:-0}")" ] || return 0
  floor=0
  [ "$1" = -4 ] || floor=1
  if [ -n "$lowest" ] && [ "$lowest" -le "$floor" ]; then
    halves='0.0.0.0/1 128.0.0.0/1'
    [ "$1" = -4 ] || halves='::/1 8000::/1'
    for half in $halves; do add_route "$1" "$half" via "$2" dev "$3"; done
    return
  fi
  metric=76
  [ -z "$lowest" ] || [ "$lowest" -gt 76 ] || metric=$((lowest - 1))
  remember "ip $1 route delete default via '$2' dev '$3' proto 76 metric $metric 2>/dev/null || true"
  ip "$1" route add default via "$2" dev "$3" proto 76 metric "$metric"
}

# FAMILY NAME, the table on standard input
add_table() {
  if nft list table "$1" "$2" >/dev/null 2>&1; then cat >/dev/null; return; fi
  remember "nft delete table '$1' '$2' 2>/dev/null || true"
  nft -f -
}
# iptables|ip6tables CHAIN COMMENT WORDS...: one rule at the head, where the chain drops anything.
let_pass() {
  tool=$1 chain=$2 comment=$3
  shift 3
  command -v "$tool" >/dev/null || return 0
  "$tool" -w -S "$chain" | grep -Eq -e '^-P [A-Z]+ DROP' -e ' -j (DROP|REJECT)' || return 0
  remember "$tool -w -D '$chain' $* -m comment --comment '$comment' -j ACCEPT 2>/dev/null || true"
  "$tool" -w -I "$chain" "$@" -m comment --comment "$comment" -j ACCEPT
}

# LINK ADDRESS MAC
add_neighbour() {
  remember "ip neighbour delete '$2' dev '$1' 2>/dev/null || true"
  ip neighbour add "$2" lladdr "$3" dev "$1" nud permanent protocol 76
}

# LINK ADDRESS OWNER: the MAC is the one that OWNER answers with now.
add_static_neighbour() {
  ping -c 1 -W 1 -I "$1" "$3" >/dev/null 2>&1 || true
  mac=$(ip neighbour show "$3" dev "$1" | sed -n 's/.*lladdr \([^ ]*\).*/\1/p')
  [ -n "$mac" ] || give_up "$3 does not answer on $1, so its MAC is not known"
  add_neighbour "$1" "$2" "$mac"
}

# LINK ADDRESS
add_proxy() {
  [ -z "$(ip neighbour show proxy "$2" dev "$1")" ] || return 0
  remember "ip neighbour delete proxy '$2' dev '$1' 2>/dev/null || true"
  ip neighbour add proxy "$2" dev "$1" protocol 76
}

# LINK KIND LOCAL|any ALIAS
add_tunnel() {
  if ip link show dev "$1" >/dev/null 2>&1; then return; fi
  remember "ip link delete '$1' 2>/dev/null || true"
  ip link add "$1" type "$2" local "$3" remote any
  ip link set "$1" alias "$4"
}

set_up() {
  case $(ip -o link show dev "$1") in *[,'<']UP[,'>']*) return ;; esac
  remember "ip link set '$1' down 2>/dev/null || true"
  ip link set "$1" up
}

# Writing all overwrites every interface, both ways.
forward_ipv6() {
  [ "$(value_of net/ipv6/conf/all/forwarding)" = 0 ] || return 0
  for file in /proc/sys/net/ipv6/conf/*/forwarding; do
    remember "printf '%s\n' '$(cat "$file")' >'$file' || true"
  done
  remember "printf '0\n' >/proc/sys/net/ipv6/conf/all/forwarding"
  printf '1\n' >/proc/sys/net/ipv6/conf/all/forwarding
}

# LINK ADDRESS: tells the neighbours where the address is now.
announce() {
  if command -v arping >/dev/null; then arping -q -U -c 3 -I "$1" "$2" >/dev/null 2>&1 || true
  else say "arping is not here: neighbours may remember another owner of $2 for a while"; fi
}

down() {
  [ -e "$state" ] || { say "nothing to take back"; return; }
  awk '{ line[NR] = $0 } END { for (i = NR; i > 0; i--) print line[i] }' "$state" >"$state.back"
  while IFS= read -r line; do eval "$line"; done <"$state.back"
  rm -f "$state" "$state.back"
}
)sh";

}  // namespace lvs::profiles
