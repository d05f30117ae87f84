#pragma once

#include <string>

// The smallest cluster of each method, with every role that it has. The real server rs1 stands
// last: a test may add keys of its own.

namespace lvs::test {

/// A service on port 80 with one server. Addresses are as TOML has them, quoted or a list.
inline std::string one_service(const std::string& profile, const std::string& method,
                               const std::string& vip) {
  return "name = \"" + profile + "\"\n[[service]]\nvip = " + vip + "\nport = 80\nmethod = \"" +
         method + "\"\nscheduler = \"rr\"\nservers = [\"rs1\"]\n";
}
/// A host with one NIC.
inline std::string one_nic(const std::string& host, const std::string& role,
                           const std::string& address) {
  return "[host." + host + "]\nrole = \"" + role +
         "\"\ninterface = \"eth0\"\naddress = " + address + "\n";
}
/// A host between two networks.
inline std::string two_nics(const std::string& host, const std::string& role,
                            const std::string& outside, const std::string& inside) {
  return "[host." + host + "]\nrole = \"" + role +
         "\"\nnics = [{ name = \"eth0\", address = " + outside +
         ", outside = true },\n        { name = \"eth1\", address = " + inside + " }]\n";
}
/// An address of each family in the clients' network.
inline std::string both_families(const std::string& last, const std::string& prefix4,
                                 const std::string& prefix6) {
  return "[\"192.168.1." + last + prefix4 + "\", \"2001:db8:1::" + last + prefix6 + "\"]";
}

inline const std::string kBothVips = both_families("99", "", "");
inline const std::string kDirectorOfBoth =
    one_nic("lb1", "director", both_families("90", "/24", "/64"));
inline const std::string kClientOfBoth = one_nic("c1", "client", both_families("1", "/24", "/64"));
inline const std::string kServerOfBoth =
    one_nic("rs1", "realserver", both_families("91", "/24", "/64"));

/// dr in one network, IPv4 alone.
inline const std::string kWeb = one_service("web", "dr", "\"192.168.1.99\"") +
                                one_nic("lb1", "director", "\"192.168.1.90/24\"") +
                                one_nic("rs1", "realserver", "\"192.168.1.91/24\"");

inline const std::string kDr = one_service("role-dr", "dr", kBothVips) + kDirectorOfBoth +
                               kClientOfBoth + "arp = \"static\"\n" + kServerOfBoth;

inline const std::string kRouted =
    one_service("role-routed", "dr", "\"192.168.51.11\"") +
    two_nics("gw", "router", "\"192.168.51.10/24\"", "\"192.168.118.1/24\"") +
    "arp = \"static\"\n" + one_nic("lb1", "director", "\"192.168.118.10/24\"") +
    one_nic("rs1", "realserver", "\"192.168.118.11/24\"") + "gateway = \"192.168.118.1\"\n";

inline const std::string kNat =
    one_service("role-nat", "nat", "\"192.168.1.91\"") +
    two_nics("lb1", "director", "\"192.168.1.91/24\"", "\"192.168.3.1/24\"") +
    one_nic("rs1", "realserver", "\"192.168.3.2/24\"");

inline const std::string kNat6 =
    one_service("role-nat6", "nat", "\"2001:db8:1::91\"") +
    two_nics("lb1", "director", "\"2001:db8:1::91/64\"", "\"2001:db8:3::1/64\"") +
    one_nic("rs1", "realserver", "\"2001:db8:3::2/64\"");

inline const std::string kTun =
    one_service("role-tun", "tun", kBothVips) + kDirectorOfBoth + kClientOfBoth + kServerOfBoth;
/// `decap`: "bpf", "process" …
inline std::string tun_by(const std::string& decap) { return kTun + "decap = \"" + decap + "\"\n"; }

}  // namespace lvs::test
