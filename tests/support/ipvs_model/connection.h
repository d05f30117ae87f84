#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>

#include "tests/support/ipvs_model/server.h"
#include "tests/support/ipvs_model/states.h"

namespace lvs::test {

/// Hundredths of a second since the model began; it does not wrap.
using ModelTime = std::uint64_t;

/// What a client's packet carries, or a template's form of it (facts 2.8).
struct ConnectionKey {
  bool is_template = false;
  Protocol protocol = Protocol::Tcp;  ///< director::kAnyProtocol: the template of a mark
  IpAddr client{};
  Port client_port{};
  IpAddr vip{};
  Port vip_port{};
  std::uint32_t mark = 0;  ///< of a mark's template, in place of the VIP

  friend auto operator<=>(const ConnectionKey&, const ConnectionKey&) = default;
};

struct ModelConnection;
using ConnectionPointer = std::shared_ptr<ModelConnection>;

/// An entry of the connection table (facts 2.4).
struct ModelConnection {
  ConnectionKey key;
  ServerPointer server;
  Port server_port{};
  director::ForwardMethod method = director::ForwardMethod::Masq;
  std::string state = "NONE";  ///< of a template: NONE or ASSURED
  bool active = false;
  bool no_output = false;  ///< the server's answers were not seen
  ModelTime expires = 0;
  std::uint64_t lifetime = 0;  ///< of a template, in ticks
  std::uint32_t controls = 0;  ///< of a template: its connections
  ConnectionPointer controlled_by;
  std::uint64_t number = 0;  ///< they are counted as they are made
};

}  // namespace lvs::test
