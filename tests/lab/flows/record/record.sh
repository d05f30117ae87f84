#!/usr/bin/env bash
# Records what real IPVS puts on the wire in the steps of tests/lab/flows. By hand, in the guest kernel:
#   scripts/guest tests/lab/flows/record/record.sh PART >tests/lab/flows/recorded/PART.txt
set -euo pipefail
for module in ip_vs ip_vs_rr ipip ip6_tunnel fou fou6 ip_gre; do modprobe "$module" || true; done
record-flows "$1" 2>log || { cat log; exit 1; }
