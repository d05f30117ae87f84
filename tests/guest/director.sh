# A kernel whose nf_tables has no netdev, ip and inet families: what works still works, what cannot
# says so with 69, and nothing is left of the attempt.
. /lvskit/tests/guest/lib.sh
profile=/lvskit/profiles/dr.toml
modprobe -a veth bridge

make_lan lan
make_host lb1 && plug lb1 eth0 lan 192.168.1.90/24
remember lb1
check "this kernel cannot withhold" fails on lb1 nft add table netdev probe
check "plan shows what would be" status_is 2 on lb1 lvs-director plan $profile
check "check finds what is missing" status_is 2 on lb1 lvs-director check $profile
check "apply: the kernel lacks something" status_is 69 on lb1 lvs-director apply $profile
check "apply names it" says "nft table netdev lvskit_dr" on lb1 lvs-director apply $profile
check "apply left nothing" as_before lb1
check "status" on lb1 lvs-director status $profile
check "revert has nothing to do" on lb1 lvs-director revert $profile
show on lb1 lvs-director apply $profile
finish
