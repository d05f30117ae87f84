#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "net/wire/addr.h"

// Names in place of numbers. The core asks no resolver: whoever runs it says what names mean.

namespace lvs::director::ipvsadm {

/// None: no such name.
struct Names {
  std::function<std::optional<IpAddr>(std::string_view name)> host;
  std::function<std::optional<Port>(std::string_view name, Protocol protocol)> port;
};

/// The names in the texts of a hosts file and of a services file (see hosts(5), services(5)). Lines
/// that cannot be read are passed over, as the C library does. Of two lines for a name the first
/// counts, IPv4 before IPv6.
class NameTable {
 public:
  void read_hosts(std::string_view text);
  void read_services(std::string_view text);

  std::optional<IpAddr> find_host(std::string_view name) const;
  std::optional<Port> find_port(std::string_view name, Protocol protocol) const;
  /// Refers to this table.
  Names names() const;

 private:
  using PortName = std::pair<std::string, Protocol>;

  std::map<std::string, IpAddr, std::less<>> ipv4_hosts_;
  std::map<std::string, IpAddr, std::less<>> ipv6_hosts_;
  std::map<PortName, Port> ports_;
};

}  // namespace lvs::director::ipvsadm
