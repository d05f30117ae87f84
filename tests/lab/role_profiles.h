#pragma once

#include <string>

// The smallest cluster of each method, with every role that it has. The real server rs1 stands
// last: a test may add keys of its own.

namespace lvs::test {

// These make constants: memory that runs out ends the tests.

/// One text of these.
template <typename... Text>
std::string joined(const Text&... texts) noexcept {
  std::string all;
  (all.append(texts), ...);
  return all;
}

/// A service on port 80 with one server. Addresses are as TOML has them, quoted or a list.
inline std::string one_service(const char* profile, const char* method, const char* vip) noexcept {
  return joined("name = \"", profile, "\"\n[[service]]\nvip = ", vip, "\nport = 80\nmethod = \"",
                method, "\"\nscheduler = \"rr\"\nservers = [\"rs1\"]\n");
}
/// A host with one NIC.
inline std::string one_nic(const char* host, const char* role, const char* address) noexcept {
  return joined("[host.", host, "]\nrole = \"", role,
                "\"\ninterface = \"eth0\"\naddress = ", address, "\n");
}
/// A host between two networks.
inline std::string two_nics(const char* host, const char* role, const char* outside,
                            const char* inside) noexcept {
  return joined("[host.", host, "]\nrole = \"", role,
                "\"\nnics = [{ name = \"eth0\", address = ", outside,
                ", outside = true },\n        { name = \"eth1\", address = ", inside, " }]\n");
}

inline constexpr const char* kBothVips = R"(["192.168.1.99", "2001:db8:1::99"])";
inline const std::string kDirectorOfBoth =
    one_nic("lb1", "director", R"(["192.168.1.90/24", "2001:db8:1::90/64"])");
inline const std::string kClientOfBoth =
    one_nic("c1", "client", R"(["192.168.1.1/24", "2001:db8:1::1/64"])");
inline const std::string kServerOfBoth =
    one_nic("rs1", "realserver", R"(["192.168.1.91/24", "2001:db8:1::91/64"])");

/// dr in one network, IPv4 alone.
inline const std::string kWeb = joined(one_service("web", "dr", "\"192.168.1.99\""),
                                       one_nic("lb1", "director", "\"192.168.1.90/24\""),
                                       one_nic("rs1", "realserver", "\"192.168.1.91/24\""));

inline const std::string kDr = joined(one_service("role-dr", "dr", kBothVips), kDirectorOfBoth,
                                      kClientOfBoth, "arp = \"static\"\n", kServerOfBoth);

inline const std::string kRouted =
    joined(one_service("role-routed", "dr", "\"192.168.51.11\""),
           two_nics("gw", "router", "\"192.168.51.10/24\"", "\"192.168.118.1/24\""),
           "arp = \"static\"\n", one_nic("lb1", "director", "\"192.168.118.10/24\""),
           one_nic("rs1", "realserver", "\"192.168.118.11/24\""), "gateway = \"192.168.118.1\"\n");

inline const std::string kNat =
    joined(one_service("role-nat", "nat", "\"192.168.1.91\""),
           two_nics("lb1", "director", "\"192.168.1.91/24\"", "\"192.168.3.1/24\""),
           one_nic("rs1", "realserver", "\"192.168.3.2/24\""));

inline const std::string kNat6 =
    joined(one_service("role-nat6", "nat", "\"2001:db8:1::91\""),
           two_nics("lb1", "director", "\"2001:db8:1::91/64\"", "\"2001:db8:3::1/64\""),
           one_nic("rs1", "realserver", "\"2001:db8:3::2/64\""));

inline const std::string kTun = joined(one_service("role-tun", "tun", kBothVips), kDirectorOfBoth,
                                       kClientOfBoth, kServerOfBoth);
/// `decap`: "bpf", "process" …
inline std::string tun_by(const std::string& decap) { return kTun + "decap = \"" + decap + "\"\n"; }

}  // namespace lvs::test
