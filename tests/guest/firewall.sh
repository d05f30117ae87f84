# A firewall of iptables-legacy on a real server of tun: it drops what it is not told of, so the
# director's tunnel packets need one rule, and everything else stays byte for byte.
. /lvskit/tests/guest/lib.sh

cat >/tmp/wall.toml <<'PROFILE'
name = "wall"

[[service]]
vip = "192.168.1.99"
port = 80
method = "tun"
servers = ["rs1"]

[host.lb1]
role = "director"
interface = "eth0"
address = "192.168.1.90/24"

[host.rs1]
role = "realserver"
interface = "eth0"
address = "192.168.1.91/24"
PROFILE

echo 1 >/proc/sys/net/core/fb_tunnels_only_for_init_net
modprobe -a ip_vs veth bridge ipip
make_lan lan
make_host client && plug client eth0 lan 192.168.1.10/24
make_host lb1 && plug lb1 eth0 lan 192.168.1.90/24
make_host rs1 && plug rs1 eth0 lan 192.168.1.91/24
serve rs1
ip -n lb1 address add 192.168.1.99/32 dev eth0
on lb1 ipvsadm -A -t 192.168.1.99:80 -s rr
on lb1 ipvsadm -a -t 192.168.1.99:80 -r 192.168.1.91 -i

on rs1 iptables-legacy-restore <<'RULES'
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:web - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p icmp -j ACCEPT
-A INPUT -p tcp -j web
-A web -p tcp -m tcp --dport 80 -m comment --comment "the web, \"all of it\"" -j ACCEPT
COMMIT
RULES

# The positive control: with the decapsulation alone this firewall drops the tunnel's packets.
on rs1 ip link add control type ipip local 192.168.1.91
on rs1 ip link set control up
on rs1 ip address add 192.168.1.99/32 dev control
set_keys rs1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.control.rp_filter=0 net.ipv4.conf.all.arp_ignore=1
check "the firewall drops the tunnel's packets" answers client 192.168.1.99 1 "none=1"
on rs1 ip link delete control
set_keys rs1 net.ipv4.conf.all.arp_ignore=0
remember rs1

show on rs1 lvs-realserver plan /tmp/wall.toml
check "plan shows the rule" says "iptables-legacy" on rs1 lvs-realserver plan /tmp/wall.toml
check "plan changes nothing" as_before rs1
apply() {
  on rs1 lvs-realserver apply /tmp/wall.toml >/tmp/applied 2>&1 || { cat /tmp/applied; return 1; }
}
check "apply" apply
check "a probe port that the firewall closes is a note" says "decapsulated; the UDP packet inside" \
  cat /tmp/applied
show grep "decapsulated;" /tmp/applied
show on rs1 iptables-legacy-save
check "the rule says whose it is" says "lvskit:wall:" on rs1 iptables-legacy -S INPUT
check "it is the first of the chain" says "lvskit:wall:" on rs1 iptables-legacy -S INPUT 1
check "connections reach the server" answers client 192.168.1.99 4 "rs1=4"
check "check agrees" on rs1 lvs-realserver check /tmp/wall.toml
check "a second apply changes nothing" says "othing" on rs1 lvs-realserver apply /tmp/wall.toml
remove_ours() { # the rule that has our comment, wherever it stands
  local number
  number=$(on rs1 iptables-legacy -L INPUT --line-numbers -n | sed -n 's/^\([0-9]*\) .*lvskit:wall:.*/\1/p')
  [ -n "$number" ] && on rs1 iptables-legacy -D INPUT "$number"
}
check "somebody finds the rule and removes it" remove_ours
check "that is drift" status_is 2 on rs1 lvs-realserver check /tmp/wall.toml
check "and apply mends it" on rs1 lvs-realserver apply /tmp/wall.toml
check "revert" on rs1 lvs-realserver revert wall
check "the firewall is as it was, to the byte" as_before rs1

# A drop where nobody looks for one: the probe alone finds it.
on rs1 iptables-legacy -t mangle -A PREROUTING -p 4 -j DROP
remember rs1
show on rs1 lvs-realserver apply /tmp/wall.toml
check "a firewall that drops protocol 4 elsewhere: apply fails" fails apply
check "and it says so" says "no inner packet came out of the tunnel" cat /tmp/applied
check "and everything is put back" as_before rs1
on rs1 iptables-legacy -t mangle -F PREROUTING
remember rs1

# Without the program nobody can write to this firewall; what an operator must do is said exactly.
without_iptables() { # in a mount namespace of its own, so that only the command misses it
  on rs1 unshare --mount bash -c '
    for name in iptables iptables-legacy iptables-legacy-save ip6tables-legacy xtables-legacy-multi; do
      mount --bind /dev/null /usr/sbin/$name 2>/dev/null
    done
    exec "$@"' -- "$@"
}
show without_iptables lvs-realserver apply /tmp/wall.toml
check "without the program: apply is refused" fails without_iptables lvs-realserver apply /tmp/wall.toml
check "and it says what to run" says "iptables-legacy -I INPUT" \
  without_iptables lvs-realserver apply /tmp/wall.toml
check "and nothing is changed" as_before rs1
finish
