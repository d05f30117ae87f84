# NAT with the kernel's own IPVS as director: the servers' way back is by the director, next to
# whatever default route they had.
. /lvskit/tests/guest/lib.sh
modprobe -a ip_vs veth bridge

cat >/tmp/nat.toml <<'PROFILE'
name = "nat"

[[service]]
vip = "10.0.0.99"
port = 80
method = "nat"
scheduler = "rr"
servers = ["rs1", "rs2", "rs3"]

[host.lb1]
role = "director"
nics = [{ name = "eth0", address = "10.0.0.90/24", outside = true }, { name = "eth1", address = "192.168.3.1/24" }]

[host.rs1]
role = "realserver"
interface = "eth0"
address = "192.168.3.11/24"

[host.rs2]
role = "realserver"
interface = "eth0"
address = "192.168.3.12/24"

[host.rs3]
role = "realserver"
interface = "eth0"
address = "192.168.3.13/24"
PROFILE

make_lan outside
make_lan inside
make_host client && plug client eth0 outside 172.16.0.10/24 10.0.0.10/24
make_host lb1 && plug lb1 eth0 outside 10.0.0.90/24 && plug lb1 eth1 inside 192.168.3.1/24
ip -n lb1 address add 10.0.0.99/32 dev eth0
ip -n lb1 route add 172.16.0.0/24 dev eth0
set_keys lb1 net.ipv4.ip_forward=1
on lb1 ipvsadm -A -t 10.0.0.99:80 -s rr
for n in 1 2 3; do
  make_host rs$n && plug rs$n eth0 inside 192.168.3.1$n/24
  serve rs$n
  on lb1 ipvsadm -a -t 10.0.0.99:80 -r 192.168.3.1$n -m
done
# rs1 has no default route, rs2 one with a metric, rs3 one without: all by a gateway that is not ours.
ip -n rs2 route add default via 192.168.3.254 metric 100
ip -n rs3 route add default via 192.168.3.254
check "without the set-up no answer comes back" answers client 10.0.0.99 1 "none=1"

for n in 1 2 3; do
  remember rs$n
  check "rs$n: plan shows a difference" status_is 2 on rs$n lvs-realserver plan /tmp/nat.toml
  check "rs$n: apply" on rs$n lvs-realserver apply /tmp/nat.toml
  check "rs$n: the way out is by the director" says "via 192.168.3.1 " ip -n rs$n route get 172.16.0.10
  check "rs$n: check agrees" on rs$n lvs-realserver check /tmp/nat.toml
  check "rs$n: a second apply changes nothing" says "othing" on rs$n lvs-realserver apply /tmp/nat.toml
done
show ip -n rs3 route
check "the other gateway is still there" says "default via 192.168.3.254" ip -n rs3 route show
check "IPVS sends every third connection to each server" answers client 10.0.0.99 9 "rs1=3 rs2=3 rs3=3"
for n in 1 2 3; do
  check "rs$n: revert" on rs$n lvs-realserver revert nat
  check "rs$n: nothing is left" as_before rs$n
done
finish
