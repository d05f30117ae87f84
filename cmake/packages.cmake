# Every library that is not ours, all from Debian 12. Boost is named by version: the default there
# is 1.74, which lacks Process v2 and a current Beast.
find_package(Threads REQUIRED)
find_package(tl-expected REQUIRED)
find_package(Boost 1.81.0 EXACT REQUIRED CONFIG COMPONENTS json)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(mnl REQUIRED IMPORTED_TARGET libmnl)
pkg_check_modules(nftnl REQUIRED IMPORTED_TARGET libnftnl)
pkg_check_modules(bpf REQUIRED IMPORTED_TARGET libbpf)
pkg_check_modules(pcap REQUIRED IMPORTED_TARGET libpcap)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)

# The BPF compiler for the half of the engine that XDP will share (director/core/lookup.h).
find_program(LVS_BPF_CLANG NAMES clang++-19 REQUIRED)
