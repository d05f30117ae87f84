# Tunnelling with the kernel's own IPVS as director: real servers with a real ipip device, as
# lvs-realserver makes it, where tunl0 is not there, where it is there and where it shall be used.
. /lvskit/tests/guest/lib.sh

write_profile() { # write_profile NAME [DECAP]
  cat >"/tmp/$1.toml" <<PROFILE
name = "$1"

[[service]]
vip = "192.168.1.99"
port = 80
method = "tun"
scheduler = "rr"
servers = ["rs1", "rs2"]

[host.lb1]
role = "director"
interface = "eth0"
address = "192.168.1.90/24"

[host.rs1]
role = "realserver"
interface = "eth0"
address = "192.168.1.91/24"
${2:-}

[host.rs2]
role = "realserver"
interface = "eth0"
address = "192.168.1.92/24"
${2:-}
PROFILE
}

make_server() { # make_server N
  make_host rs$1 && plug rs$1 eth0 lan 192.168.1.9$1/24
  serve rs$1
}

# What a host sees of a profile, from the first plan to the last revert.
whole_life() { # whole_life WHAT PROFILE DEVICE-OF-RS1 DEVICE-OF-RS2
  local what=$1 profile=/tmp/$2.toml device=("" "$3" "$4") n
  for n in 1 2; do
    remember rs$n
    check "$what: rs$n: plan shows a difference" status_is 2 on rs$n lvs-realserver plan $profile
    check "$what: rs$n: plan changes nothing" as_before rs$n
    check "$what: rs$n: apply" on rs$n lvs-realserver apply $profile
    check "$what: rs$n: the VIP is on the tunnel device" says "inet 192.168.1.99/32" \
      ip -n rs$n address show dev "${device[n]}"
    check "$what: rs$n: check agrees" on rs$n lvs-realserver check $profile
    check "$what: rs$n: a second apply changes nothing" says "othing" on rs$n lvs-realserver apply $profile
  done
  ip -n client neighbour flush all
  check "$what: IPVS sends every second connection to each server" answers client 192.168.1.99 6 "rs1=3 rs2=3"
  check "$what: the servers are silent for the VIP" says \
    "lladdr $(on lb1 cat /sys/class/net/eth0/address)" ip -n client neighbour show 192.168.1.99
  check "$what: the packets came by the device" came_by rs1 "${device[1]}"
  for n in 1 2; do
    check "$what: rs$n: revert" on rs$n lvs-realserver revert "$2"
    check "$what: rs$n: nothing is left" as_before rs$n
  done
}

came_by() { # came_by HOST LINK
  [ "$(on "$1" cat "/sys/class/net/$2/statistics/rx_packets")" -gt 0 ]
}

filter_is() { # filter_is VALUE: the reverse path filter that the servers had before us
  local n link
  for n in 1 2; do
    for link in all default eth0 lo; do set_keys rs$n net.ipv4.conf.$link.rp_filter="$1"; done
  done
}

write_profile tun
write_profile tunl 'decap = "tunl0"'
modprobe -a ip_vs veth bridge
# The module brings a tunl0 only into the first namespace, so none of the hosts has one.
echo 1 >/proc/sys/net/core/fb_tunnels_only_for_init_net
make_lan lan
make_host client && plug client eth0 lan 192.168.1.10/24
make_host lb1 && plug lb1 eth0 lan 192.168.1.90/24
ip -n lb1 address add 192.168.1.99/32 dev eth0
on lb1 ipvsadm -A -t 192.168.1.99:80 -s rr
make_server 1
make_server 2
for n in 1 2; do on lb1 ipvsadm -a -t 192.168.1.99:80 -r 192.168.1.9$n -i; done

check "plan chooses the kernel's device, and says why" says "kernel device (ipip: " \
  on rs1 lvs-realserver plan /tmp/tun.toml
check "plan loads no module" fails grep -q '^ipip ' /proc/modules
show on rs1 lvs-realserver plan /tmp/tun.toml
for filter in 0 1 2; do
  filter_is $filter
  whole_life "no tunl0, rp_filter $filter" tun lvs4-c0a8015b lvs4-c0a8015c
done
check "without the set-up nobody answers" answers client 192.168.1.99 1 "none=1"
check "decap = tunl0 where there is none: refused" fails on rs1 lvs-realserver apply /tmp/tunl.toml
check "and it says what to do" says "modprobe ipip" on rs1 lvs-realserver apply /tmp/tunl.toml

# From here on every new namespace has a tunl0, as on most machines with the module.
echo 0 >/proc/sys/net/core/fb_tunnels_only_for_init_net
pkill -f 'traffic.py serve'
for n in 1 2; do
  ip netns delete rs$n
  wait_until "rs$n is unplugged" fails ip -n lan link show rs$n-eth0
  make_server $n
  check "rs$n has a tunl0" ip -n rs$n link show tunl0
  # A link gets its IPv6 half when it comes up for the first time, and keeps it.
  ip -n rs$n link set tunl0 up
  ip -n rs$n link set tunl0 down
done
ip -n lb1 neighbour flush all # the servers' MACs are others now
filter_is 1
whole_life "a tunl0 of others" tun lvs4-c0a8015b lvs4-c0a8015c
for filter in 0 2; do
  filter_is $filter
  whole_life "decap tunl0, rp_filter $filter" tunl tunl0 tunl0
done
finish
