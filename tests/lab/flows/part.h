#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

// What is played: the three parts of the recordings, and the same steps by IPv6 and by the other
// tunnels. In IPv6 the datagrams of the "-df" steps are shorter by as much as its header is longer.

namespace lvs::test {

struct Part {
  std::string name{};
  std::string method{};  ///< dr, tun, nat
  std::string vip{};
  std::array<std::string, 2> servers{};  ///< hosts, in the order of adding
  std::array<std::string, 2> rips{};
  std::uint16_t first_port = 10000;  ///< the client's ports begin here
  /// Ports that the client's kernel picked in the recordings, in the order of use.
  std::array<std::uint16_t, 2> picked_ports{};
  std::string tunnel{};           ///< as in a profile
  std::string ipvsadm{};          ///< how ipvsadm adds such a server
  std::size_t less_bytes = 1452;  ///< of the datagram that just fits the tunnel

  bool is_v6() const { return vip.find(':') != std::string::npos; }
  /// Fills the client's MTU of 1500.
  std::size_t full_bytes() const { return is_v6() ? 1452 : 1472; }
  /// Where server `i` listens: its own address in nat, else the VIP.
  const std::string& address(std::size_t i) const { return method == "nat" ? rips.at(i) : vip; }
  friend std::ostream& operator<<(std::ostream& out, const Part& part) { return out << part.name; }
};

/// The [[service]] tables of these parts.
std::string services_of(const std::vector<Part>& parts);
/// The ipvsadm commands that give the same services, in the recordings' order.
std::vector<std::string> commands_of(const Part& part);

/// dr, tun and nat of golden/flows.json.
const std::vector<Part>& golden_parts();
/// Those that were recorded for this project, in recorded/NAME.txt.
const std::vector<Part>& own_parts();

}  // namespace lvs::test
