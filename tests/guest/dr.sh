# Direct routing with the kernel's own IPVS as director: real servers as lvs-realserver sets them up.
. /lvskit/tests/guest/lib.sh
profile=/lvskit/profiles/dr.toml
modprobe -a ip_vs veth bridge

make_lan lan
make_host client && plug client eth0 lan 192.168.1.10/24
make_host lb1 && plug lb1 eth0 lan 192.168.1.90/24
for n in 1 2; do
  make_host rs$n && plug rs$n eth0 lan 192.168.1.9$n/24
  serve rs$n
done
ip -n lb1 address add 192.168.1.99/32 dev eth0
on lb1 ipvsadm -A -t 192.168.1.99:80 -s rr
for n in 1 2; do on lb1 ipvsadm -a -t 192.168.1.99:80 -r 192.168.1.9$n -g; done

# What somebody else had set, which must be there again at the end.
set_keys rs2 net.ipv4.conf.all.arp_announce=1 net.ipv4.conf.eth0.arp_ignore=2
ip -n rs2 address add 10.9.9.9/32 dev lo label lo:0

for n in 1 2; do
  remember rs$n
  check "rs$n: plan shows a difference" status_is 2 on rs$n lvs-realserver plan $profile
  check "rs$n: plan changes nothing" as_before rs$n
  check "rs$n: apply" on rs$n lvs-realserver apply $profile
  check "rs$n: the set-up is in a dump" fails as_before rs$n
  check "rs$n: check agrees" on rs$n lvs-realserver check $profile
  check "rs$n: a second apply changes nothing" says "othing" on rs$n lvs-realserver apply $profile
done
check "IPVS sends every second connection to each server" answers client 192.168.1.99 10 "rs1=5 rs2=5"
ip -n client neighbour flush all
check "the client learns the director's MAC for the VIP" answers client 192.168.1.99 2 "rs1=1 rs2=1"
check "the VIP is at the director's MAC" says \
  "lladdr $(on lb1 cat /sys/class/net/eth0/address)" ip -n client neighbour show 192.168.1.99

set_keys rs1 net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.eth0.arp_ignore=0
check "drift is found" status_is 2 on rs1 lvs-realserver check $profile
check "drift is mended" on rs1 lvs-realserver apply $profile
check "all is as the profile says again" on rs1 lvs-realserver check $profile
for n in 1 2; do
  check "rs$n: revert" on rs$n lvs-realserver revert dr
  check "rs$n: nothing is left" as_before rs$n
done
check "without the set-up no server takes the VIP's packets" answers client 192.168.1.99 1 "none=1"
finish
