# sctp.sh METHOD...: SCTP between the kernel's own sockets, by nat, dr or tun, through the kernel's own
# IPVS and through lvs-director: both take the same walks and must show the same states and counts. Packets are held
# back on the way (iptables), so that each state lasts until it was seen.
#
# This kernel's nf_tables cannot withhold, so `run` leaves the host alone and rules in the raw table
# drop what it takes: the carrier's tap stands before them.
. /lvskit/tests/guest/lib.sh

vip=10.0.0.99
# Each walk has a service of its own, with counts of its own: ports 5000 …, by nat to 6000 …, because
# the CRC changes with a port alone. Nobody listens at the last one.
walks=(first called left aborted bulk refused)
port_of() {
  local n
  for n in "${!walks[@]}"; do [ "${walks[n]}" != "$1" ] || echo $((5000 + n)); done
}

# ---- the cluster

write_profile() { # write_profile METHOD SERVERS NUMBER-OF-FIRST-PORT
  local n
  printf 'name = "%s"\n' "$1"
  for n in "${!walks[@]}"; do
    printf '[[service]]\nvip = "%s"\nport = %d\nprotocol = "sctp"\nmethod = "%s"\nscheduler = "rr"\n' \
      $vip $((5000 + n)) "$1"
    printf 'servers = [{ host = "%s", port = %d }, { host = "%s", port = %d }]\n' \
      "${2% *}" $(($3 + n)) "${2#* }" $(($3 + n))
  done
  cat <<'HOSTS'
[host.lb1]
role = "director"
nics = [{ name = "eth0", address = "10.0.0.90/24", outside = true }, { name = "eth1", address = "192.168.3.1/24" }]
[host.rs1]
role = "realserver"
interface = "eth0"
address = "10.0.0.91/24"
[host.rs2]
role = "realserver"
interface = "eth0"
address = "10.0.0.92/24"
[host.rs3]
role = "realserver"
interface = "eth0"
address = "192.168.3.13/24"
[host.rs4]
role = "realserver"
interface = "eth0"
address = "192.168.3.14/24"
HOSTS
}

make_cluster() {
  local n
  make_lan outside
  make_lan inside
  make_host client && plug client eth0 outside 10.0.0.10/24
  make_host lb1 && plug lb1 eth0 outside 10.0.0.90/24 && plug lb1 eth1 inside 192.168.3.1/24
  ip -n lb1 address add $vip/32 dev eth0
  for n in 1 2; do make_host rs$n && plug rs$n eth0 outside 10.0.0.9$n/24; done
  for n in 3 4; do make_host rs$n && plug rs$n eth0 inside 192.168.3.1$n/24; done
  set_keys lb1 net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.lo.rp_filter=0
  write_profile nat "rs3 rs4" 6000 >/tmp/nat.toml
  write_profile dr "rs1 rs2" 5000 >/tmp/dr.toml
  write_profile tun "rs1 rs2" 5000 >/tmp/tun.toml
  for n in client rs1 rs2 rs3 rs4; do
    # What is held back is sent again every two seconds, and nobody gives up.
    set_keys $n net.sctp.rto_initial=2000 net.sctp.rto_max=2000 net.sctp.rto_min=1000 \
      net.sctp.max_init_retransmits=100 net.sctp.association_max_retrans=100 net.sctp.path_max_retrans=100
  done
}

servers_of() { if [ "$1" = nat ]; then echo rs3 rs4; else echo rs1 rs2; fi; }
address_of() { # address_of SERVER: where it listens
  case $1 in rs3 | rs4) echo "192.168.3.1${1#rs}" ;; *) echo $vip ;; esac
}

set_up_servers() { # set_up_servers METHOD
  local server n ports=()
  for n in "${!walks[@]}"; do
    [ "${walks[n]}" = refused ] || ports+=($((n + $([ "$1" = nat ] && echo 6000 || echo 5000))))
  done
  for server in $(servers_of "$1"); do
    check "$1: $server: apply" on "$server" lvs-realserver apply "/tmp/$1.toml"
    on "$server" python3 "$tests/sctp.py" serve "$server" "$(address_of "$server")" "${ports[@]}"
  done
}

take_down_servers() { # take_down_servers METHOD
  local server pid
  for server in $(servers_of "$1"); do
    for pid in $(ip netns pids "$server"); do
      grep -q sctp.py "/proc/$pid/cmdline" 2>/dev/null && kill "$pid"
    done
    check "$1: $server: revert" on "$server" lvs-realserver revert "$1"
  done
}

# ---- two directors: the kernel's, and ours

start_ipvs() { # start_ipvs METHOD
  local n server way=-g
  [ "$1" != tun ] || way=-i
  for n in "${!walks[@]}"; do
    on lb1 ipvsadm -A --sctp-service $vip:$((5000 + n)) -s rr
    for server in $(servers_of "$1"); do
      case $1 in
        nat) on lb1 ipvsadm -a --sctp-service $vip:$((5000 + n)) -r "$(address_of "$server"):$((6000 + n))" -m ;;
        *) on lb1 ipvsadm -a --sctp-service $vip:$((5000 + n)) -r "10.0.0.9${server#rs}" $way ;;
      esac
    done
  done
}
stop_ipvs() { on lb1 ipvsadm -C; }

withhold() { # withhold -A|-D
  on lb1 iptables-legacy -t raw "$1" PREROUTING -i eth0 -p sctp -d $vip -j DROP
  on lb1 iptables-legacy -t raw "$1" PREROUTING -i eth1 -p sctp -s 192.168.3.0/24 -j DROP
}
start_lvskit() { # start_lvskit METHOD
  withhold -A
  ip netns exec lb1 lvs-director run "/tmp/$1.toml" --no-setup >/tmp/run.log 2>&1 &
  director=$!
  wait_until "the director forwards" grep -q '^ready:' /tmp/run.log || show cat /tmp/run.log
}
stop_lvskit() {
  kill "$director"
  wait "$director"
  withhold -D
}

# What a director says of the client's association from PORT, and of the walk's servers together.
ipvs_state() { on lb1 ipvsadm -Lnc | awk -v from="10.0.0.10:$1" '$1 == "SCTP" && $4 == from { print $3 }'; }
lvskit_state() {
  on lb1 lvs-director list --connections | awk -v from="10.0.0.10:$1" '$1 == "sctp" && $5 == from { print $4 }'
}
ipvs_counts() {
  on lb1 ipvsadm -Ln | awk -v service="$vip:$1" '/^[A-Z]/ { is_ours = $2 == service }
    is_ours && $1 == "->" { active += $5; inactive += $6 } END { print active + 0, inactive + 0 }'
}
lvskit_counts() {
  on lb1 lvs-director list | awk -v service="$vip:$1" '/^sctp/ { is_ours = $2 == service }
    is_ours && /^  rs/ { active += $5; inactive += $6 } END { print active + 0, inactive + 0 }'
}

# ---- the walks

# The client is a process that obeys lines.
start_client() {
  mkfifo /tmp/orders /tmp/answers
  on client python3 "$tests/sctp.py" client </tmp/orders >/tmp/answers &
  client=$!
  exec {orders}>/tmp/orders {answers}</tmp/answers
}
stop_client() {
  exec {orders}>&- {answers}<&-
  wait "$client"
  rm /tmp/orders /tmp/answers
}
tell() { # tell "ANSWER" ORDER...
  local got wanted=$1
  shift
  echo "$*" >&"$orders"
  read -r -t 60 got <&"$answers"
  [ "$got" = "$wanted" ] || { echo "$*: the client says: $got; must be: $wanted"; return 1; }
}
said_by_a_server() { # said_by_a_server BYTES
  local got
  echo "send $1" >&"$orders"
  read -r -t 60 got <&"$answers"
  [[ $got == rs[1-4]" sent back $1 bytes" ]] || { echo "the client says: $got"; return 1; }
}

hold() { # hold CHUNK INPUT|OUTPUT HOST...: drops packets that have it
  local chunk=$1 chain=$2 host
  shift 2
  for host; do on "$host" iptables-legacy -I "$chain" -p sctp -m sctp --chunk-types any "$chunk" -j DROP; done
  held+=("$chunk $chain $*")
}
let_go() { # everything that is held
  local each chunk chain hosts host
  for each in "${held[@]}"; do
    read -r chunk chain hosts <<<"$each"
    for host in $hosts; do on "$host" iptables-legacy -D "$chain" -p sctp -m sctp --chunk-types any "$chunk" -j DROP; done
  done
  held=()
}

# The walk's association is seen in this state, with these counts.
shows() { # shows STATE "ACTIVE INACTIVE"
  local got="" end=$((SECONDS + 20))
  until [ "$got" = "$1 $2" ]; do
    [ "$SECONDS" -lt "$end" ] || { echo "the director shows: $got; must be: $1 $2"; return 1; }
    got="$("${who}_state" "$from") $("${who}_counts" "$port")"
  done
}
step() { # step STATE COUNTS: of the walk that is on its way
  check "$what: $1, active and inactive $2" shows "$1" "$2"
}

begin() { # begin WALK
  from=$((from + 1)) port=$(port_of "$1") what="$method by $who: $1"
  tell called connect 10.0.0.10 $from $vip "$port"
}

# A state that lasts no longer than four seconds, or until the client calls again: one of five calls
# must be seen in it.
passes_by() { # passes_by WALK STATE: from ports that nobody else takes, as `check` forgets which
  local end got=none
  for _ in 1 2 3 4 5; do
    begin "$1" || return 1
    end=$((SECONDS + 4))
    while [ $SECONDS -lt $end ]; do
      got=$("${who}_state" "$from")
      [ "$got" != "$2" ] || return 0
    done
    tell aborted abort
  done
  echo "the director shows: $got; must be: $2"
  return 1
}

first() {
  hold INIT INPUT "${servers[@]}"
  check "$method by $who: first: INIT1" passes_by first INIT1
  from=$((from + 10))
  let_go
  tell aborted abort
}

# The client calls, talks and ends it. By nat the director sees the answers too.
called() {
  hold INIT INPUT "${servers[@]}"
  begin called
  step INIT "0 1"
  hold INIT_ACK INPUT client
  let_go_of_first
  step "$(by_nat C-SENT INIT)" "0 1"
  hold COOKIE_ACK OUTPUT "${servers[@]}"
  let_go_of_first
  step "$(by_nat C-REPLIED ESTABLISHED)" "$(by_nat "0 1" "1 0")"
  let_go
  step ESTABLISHED "1 0"
  check "$what: 20000 bytes there and back" said_by_a_server 20000
  step ESTABLISHED "1 0"
  hold SHUTDOWN_ACK OUTPUT "${servers[@]}"
  check "$what: the client ends it" tell closed shutdown
  step S-RECEIVED "0 1"
  hold SHUTDOWN_ACK INPUT client
  let_go_of_first
  step "$(by_nat S-ACK-SENT S-RECEIVED)" "0 1"
  let_go
  step CLOSED "0 1"
}

# The server ends it.
left() {
  begin left
  check "$what: 100 bytes there and back" said_by_a_server 100
  hold SHUTDOWN_ACK OUTPUT client
  check "$what: the server is asked to end it" tell asked leave
  step "$(by_nat S-SENT ESTABLISHED)" "$(by_nat "0 1" "1 0")"
  let_go
  check "$what: the client sees the end" tell ended end
  step CLOSED "0 1"
}

aborted() {
  begin aborted
  check "$what: 100 bytes there and back" said_by_a_server 100
  check "$what: the client aborts" tell aborted abort
  step CLOSED "0 1"
}

refused() {
  local state
  state=$(by_nat REJECTED INIT1)
  check "$method by $who: refused: $state" passes_by refused "$state"
  from=$((from + 10))
  check "$method by $who: refused: the client hears it" tell "end: [Errno 111] Connection refused" end
}

bulk() {
  begin bulk
  local bytes
  for bytes in 1 1400 1500 60000 100000; do
    check "$what: $bytes bytes there and back" said_by_a_server $bytes
  done
  check "$what: the client ends it" tell closed shutdown
  step CLOSED "0 1"
}

by_nat() { if [ "$method" = nat ]; then echo "$1"; else echo "$2"; fi; }
# Lets go of what was held first, when the second is held already: so nothing slips through.
let_go_of_first() {
  local rest=("${held[@]:1}")
  held=("${held[0]}")
  let_go
  held=("${rest[@]}")
}

walk_by() { # walk_by METHOD DIRECTOR
  method=$1 who=$2
  read -ra servers <<<"$(servers_of "$1")"
  "start_$who" "$method"
  start_client
  first
  called
  left
  aborted
  refused
  bulk
  stop_client
  "stop_$who"
}

# ---- what the receivers' kernels say of the checksums

wrong_checksums() { # wrong_checksums HOST
  on "$1" awk '$1 == "SctpChecksumErrors" { print $2 }' /proc/net/sctp/snmp
}
has_wrong_checksums() { # has_wrong_checksums HOST N
  [ "$(wrong_checksums "$1")" = "$2" ] || { echo "$1 counts $(wrong_checksums "$1")"; return 1; }
}

# Without them a packet has its CRC on the wire, and who receives it computes it again. Packets of
# many segments are never asked for: the kernel cannot say of one that it is SCTP's to a packet socket,
# and drops it (docs/director.md).
offloads() { # offloads on|off
  local host nic
  for host in client lb1 rs1 rs2 rs3 rs4; do
    for nic in $(on $host ls /sys/class/net); do
      [[ $nic != eth* ]] || on $host ethtool -K "$nic" tx-checksum-sctp "$1" tx-sctp-segmentation off
    done
  done
}

# With them the clients and servers leave the CRC to their cards, and the director finishes it.
walk_with_offloads() { # walk_with_offloads METHOD
  method=$1 who=lvskit
  read -ra servers <<<"$(servers_of "$1")"
  offloads on
  start_lvskit "$1"
  start_client
  bulk
  stop_client
  show on lb1 lvs-director list
  stop_lvskit
  offloads off
}

modprobe -a ip_vs veth bridge sctp xt_sctp ipip
make_cluster
offloads off
from=40000 held=()
for method; do
  set_up_servers "$method"
  walk_by "$method" ipvs
  walk_by "$method" lvskit
  walk_with_offloads "$method"
  take_down_servers "$method"
done
for host in client rs1 rs2 rs3 rs4; do
  check "$host: no packet came with a wrong checksum" has_wrong_checksums $host 0
done
on client python3 "$tests/sctp.py" broken 10.0.0.10 10.0.0.91 5000
check "rs1 counts one that is wrong" has_wrong_checksums rs1 1
finish
