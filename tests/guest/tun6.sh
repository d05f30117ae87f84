# Tunnels with IPv6 inside, outside and both, by the kernel's own IPVS: rs1 is reached over IPv4
# (devices of kind ipip and sit), rs2 over IPv6 (one of kind ip6tnl for both).
. /lvskit/tests/guest/lib.sh

cat >/tmp/tun6.toml <<'PROFILE'
name = "tun6"

[[service]]
vip = ["192.168.1.99", "fd00:1::99"]
port = 80
method = "tun"
scheduler = "rr"
servers = ["rs1", "rs2"]

[host.lb1]
role = "director"
interface = "eth0"
address = ["192.168.1.90/24", "fd00:1::90/64"]

[host.rs1]
role = "realserver"
interface = "eth0"
address = "192.168.1.91/24"

[host.rs2]
role = "realserver"
interface = "eth0"
address = "fd00:1::92/64"
PROFILE

echo 1 >/proc/sys/net/core/fb_tunnels_only_for_init_net
modprobe -a ip_vs veth bridge
make_lan lan
make_host client && plug client eth0 lan 192.168.1.10/24 fd00:1::10/64
make_host lb1 && plug lb1 eth0 lan 192.168.1.90/24 fd00:1::90/64
for n in 1 2; do
  make_host rs$n && plug rs$n eth0 lan 192.168.1.9$n/24 fd00:1::9$n/64
  serve rs$n
done
ip -n lb1 address add 192.168.1.99/32 dev eth0
# Deprecated, or IPVS would send with the VIP as the outer source, which the real server has too:
# its tunnel device drops what comes from an address of its own.
ip -n lb1 address add fd00:1::99/128 dev eth0 nodad preferred_lft 0
for vip in 192.168.1.99 '[fd00:1::99]'; do
  on lb1 ipvsadm -A -t "$vip:80" -s rr
  on lb1 ipvsadm -a -t "$vip:80" -r 192.168.1.91:80 -i
  on lb1 ipvsadm -a -t "$vip:80" -r '[fd00:1::92]:80' -i
done
set_keys rs1 net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.eth0.rp_filter=1
set_keys rs2 net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.eth0.rp_filter=1

for n in 1 2; do
  remember rs$n
  check "rs$n: plan shows a difference" status_is 2 on rs$n lvs-realserver plan /tmp/tun6.toml
  check "rs$n: apply" on rs$n lvs-realserver apply /tmp/tun6.toml
  check "rs$n: check agrees" on rs$n lvs-realserver check /tmp/tun6.toml
  check "rs$n: a second apply changes nothing" says "othing" on rs$n lvs-realserver apply /tmp/tun6.toml
done
show on rs1 ip -oneline -details link show type sit
show on rs2 ip -oneline -details link show type ip6tnl
check "rs1: IPv6 comes in IPv4 by a device of kind sit" says "lvs6-c0a8015b" ip -n rs1 -o link show type sit
check "rs2: all comes in IPv6 by one device" says "lvst-" ip -n rs2 -o link show type ip6tnl
check "IPv4 in IPv4, and IPv4 in IPv6" answers client 192.168.1.99 6 "rs1=3 rs2=3"
check "IPv6 in IPv4, and IPv6 in IPv6" answers client fd00:1::99 6 "rs1=3 rs2=3"
for n in 1 2; do
  check "rs$n: revert" on rs$n lvs-realserver revert tun6
  check "rs$n: nothing is left" as_before rs$n
done
check "without the set-up nobody answers" answers client fd00:1::99 1 "none=1"
finish
