#!/bin/bash
# The peer of scripts/bench: a real server's script as many pages publish it, in the tools of today.
# It looks at nothing, proves nothing, and its stop writes zeros over what was there before.
VIP=192.168.1.99
case "$1" in
  start)
    ip addr add $VIP/32 broadcast $VIP dev lo label lo:0
    ip route add $VIP/32 dev lo
    echo 1 >/proc/sys/net/ipv4/conf/lo/arp_ignore
    echo 2 >/proc/sys/net/ipv4/conf/lo/arp_announce
    echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore
    echo 2 >/proc/sys/net/ipv4/conf/all/arp_announce
    ;;
  stop)
    ip route del $VIP/32 dev lo
    ip addr del $VIP/32 dev lo
    echo 0 >/proc/sys/net/ipv4/conf/lo/arp_ignore
    echo 0 >/proc/sys/net/ipv4/conf/lo/arp_announce
    echo 0 >/proc/sys/net/ipv4/conf/all/arp_ignore
    echo 0 >/proc/sys/net/ipv4/conf/all/arp_announce
    ;;
esac
