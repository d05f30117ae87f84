# sctp.sh METHOD FAMILY: SCTP between the kernel's own sockets, by nat, dr or tun, through the kernel's own
# IPVS and through lvs-director: both take the same walks and must show the same states and counts. Packets are held
# back on the way (iptables), so that each state lasts until it was seen.
#
# This kernel's nf_tables cannot withhold, so `run` leaves the host alone and rules in the raw table
# drop what it takes: the carrier's tap stands before them.
. /lvskit/tests/guest/lib.sh

method=$1
case $2 in
  4) outside=10.0.0. inside=192.168.3. length=24 iptables=iptables-legacy ;;
  6) outside=fd00:1:: inside=fd00:3:: length=64 iptables=ip6tables-legacy ;;
esac
vip=${outside}99
at() { # at ADDRESS PORT
  case $1 in *:*) echo "[$1]:$2" ;; *) echo "$1:$2" ;; esac
}

# Each walk has a service of its own, with counts of its own: ports 5000 …, by nat to 6000 …, because
# the CRC changes with a port alone. Nobody listens at the last one.
walks=(first called left aborted bulk refused)
port_of() {
  local n
  for n in "${!walks[@]}"; do [ "${walks[n]}" != "$1" ] || echo $((5000 + n)); done
}

# ---- the cluster

write_profile() { # write_profile SERVERS NUMBER-OF-FIRST-PORT
  local n
  printf 'name = "%s"\n' "$method"
  for n in "${!walks[@]}"; do
    printf '[[service]]\nvip = "%s"\nport = %d\nprotocol = "sctp"\nmethod = "%s"\nscheduler = "rr"\n' \
      "$vip" $((5000 + n)) "$method"
    printf 'servers = [{ host = "%s", port = %d }, { host = "%s", port = %d }]\n' \
      "${1% *}" $(($2 + n)) "${1#* }" $(($2 + n))
  done
  cat <<HOSTS
[host.lb1]
role = "director"
nics = [{ name = "eth0", address = "${outside}90/$length", outside = true },
        { name = "eth1", address = "${inside}1/$length" }]
HOSTS
  for n in rs1=${outside}91 rs2=${outside}92 rs3=${inside}13 rs4=${inside}14; do
    printf '[host.%s]\nrole = "realserver"\ninterface = "eth0"\naddress = "%s/%d"\n' \
      "${n%=*}" "${n#*=}" $length
  done
}

make_cluster() {
  local n
  make_lan outside
  make_lan inside
  make_host client && plug client eth0 outside ${outside}10/$length
  make_host lb1 && plug lb1 eth0 outside ${outside}90/$length && plug lb1 eth1 inside ${inside}1/$length
  # Of IPv6 deprecated, or IPVS would tunnel with the VIP as the outer source (tun6.sh).
  case $vip in
    *:*) ip -n lb1 address add "$vip/128" dev eth0 nodad preferred_lft 0 ;;
    *) ip -n lb1 address add "$vip/32" dev eth0 ;;
  esac
  for n in 1 2; do make_host rs$n && plug rs$n eth0 outside ${outside}9$n/$length; done
  for n in 3 4; do make_host rs$n && plug rs$n eth0 inside ${inside}1$n/$length; done
  set_keys lb1 net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
    net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.lo.rp_filter=0
  if [ "$method" = nat ]; then write_profile "rs3 rs4" 6000; else write_profile "rs1 rs2" 5000; fi >/tmp/sctp.toml
  for n in client rs1 rs2 rs3 rs4; do
    # What is held back is sent again, and nobody gives up: a shutdown is guarded for five times rto_max.
    set_keys $n net.sctp.rto_initial=2000 net.sctp.rto_max=10000 net.sctp.rto_min=1000 \
      net.sctp.max_init_retransmits=100 net.sctp.association_max_retrans=100 net.sctp.path_max_retrans=100
  done
}

if [ "$method" = nat ]; then servers=(rs3 rs4); else servers=(rs1 rs2); fi
address_of() { # address_of SERVER
  case $1 in rs3 | rs4) echo "${inside}1${1#rs}" ;; *) echo "${outside}9${1#rs}" ;; esac
}
listens_at() { if [ "$method" = nat ]; then address_of "$1"; else echo "$vip"; fi; }
by_nat() { if [ "$method" = nat ]; then echo "$1"; else echo "$2"; fi; }

set_up_servers() {
  local server n ports=()
  for n in "${!walks[@]}"; do
    [ "${walks[n]}" = refused ] || ports+=($((n + $(by_nat 6000 5000))))
  done
  for server in "${servers[@]}"; do
    check "$method: $server: apply" on "$server" lvs-realserver apply /tmp/sctp.toml
    on "$server" python3 "$tests/sctp.py" serve "$server" "$(listens_at "$server")" "${ports[@]}"
  done
}

take_down_servers() {
  local server pid
  for server in "${servers[@]}"; do
    for pid in $(ip netns pids "$server"); do
      grep -q sctp.py "/proc/$pid/cmdline" 2>/dev/null && kill "$pid"
    done
    check "$method: $server: revert" on "$server" lvs-realserver revert "$method"
  done
}

# ---- two directors: the kernel's, and ours

start_ipvs() {
  local n server way
  declare -A ways=([nat]=-m [dr]=-g [tun]=-i)
  way=${ways[$method]}
  for n in "${!walks[@]}"; do
    on lb1 ipvsadm -A --sctp-service "$(at $vip $((5000 + n)))" -s rr
    for server in "${servers[@]}"; do
      on lb1 ipvsadm -a --sctp-service "$(at $vip $((5000 + n)))" \
        -r "$(at "$(address_of "$server")" $((n + $(by_nat 6000 5000))))" "$way"
    done
  done
}
stop_ipvs() { on lb1 ipvsadm -C; }

withhold() { # withhold -A|-D
  on lb1 $iptables -t raw "$1" PREROUTING -i eth0 -p sctp -d $vip -j DROP
  on lb1 $iptables -t raw "$1" PREROUTING -i eth1 -p sctp -s ${inside}0/$length -j DROP
}
start_lvskit() {
  withhold -A
  rm -f /tmp/run.log
  ip netns exec lb1 lvs-director run /tmp/sctp.toml --no-setup >/tmp/run.log 2>&1 &
  director=$!
  wait_until "the director forwards" grep -qs '^ready:' /tmp/run.log || {
    show cat /tmp/run.log
    exit 1
  }
}
stop_lvskit() {
  kill "$director"
  wait "$director"
  withhold -D
}

# What a director says of the client's association from PORT, and of the walk's servers together.
ipvs_state() { on lb1 ipvsadm -Lnc | awk -v from="$(at ${outside}10 "$1")" '$1 == "SCTP" && $4 == from { print $3 }'; }
lvskit_state() {
  on lb1 lvs-director list --connections | awk -v from="$(at ${outside}10 "$1")" '$1 == "sctp" && $5 == from { print $4 }'
}
ipvs_counts() {
  on lb1 ipvsadm -Ln | awk -v service="$(at $vip "$1")" '/^[A-Z]/ { is_ours = $2 == service }
    is_ours && $1 == "->" { active += $5; inactive += $6 } END { print active + 0, inactive + 0 }'
}
lvskit_counts() {
  on lb1 lvs-director list | awk -v service="$(at $vip "$1")" '/^sctp/ { is_ours = $2 == service }
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
  for host; do on "$host" $iptables -I "$chain" -p sctp -m sctp --chunk-types any "$chunk" -j DROP; done
  held+=("$chunk $chain $*")
}
let_go() { # everything that is held
  local each chunk chain hosts host
  for each in "${held[@]}"; do
    read -r chunk chain hosts <<<"$each"
    for host in $hosts; do on "$host" $iptables -D "$chain" -p sctp -m sctp --chunk-types any "$chunk" -j DROP; done
  done
  held=()
}

# The walk's association is seen in this state, with these counts.
shows() { # shows STATE "ACTIVE INACTIVE"
  local got="" end=$((SECONDS + 40))
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
  tell called connect ${outside}10 $from $vip "$port"
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

# Lets go of what was held first, when the second is held already: so nothing slips through.
let_go_of_first() {
  local rest=("${held[@]:1}")
  held=("${held[0]}")
  let_go
  held=("${rest[@]}")
}

walk_by() { # walk_by DIRECTOR
  who=$1
  "start_$who"
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
walk_with_offloads() {
  who=lvskit
  offloads on
  start_lvskit
  start_client
  bulk
  stop_client
  show on lb1 lvs-director list --connections
  stop_lvskit
  offloads off
}

modprobe -a ip_vs veth bridge sctp xt_sctp ipip ip6_tunnel
make_cluster
offloads off
from=40000 held=()
set_up_servers
walk_by ipvs
walk_by lvskit
walk_with_offloads
take_down_servers
for host in client rs1 rs2 rs3 rs4; do
  check "$host: no packet came with a wrong checksum" has_wrong_checksums $host 0
done
on client python3 "$tests/sctp.py" broken ${outside}10 ${outside}91 5000
check "rs1 counts one that is wrong" has_wrong_checksums rs1 1
finish
