#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "net/base/result.h"
#include "net/wire/addr.h"

namespace lvs::bench {

/// The least that a forwarder in user space can do: takes IPv4 datagrams for one address from a
/// TPACKET_V2 ring, writes two MAC addresses, and sends, one system call a frame. It parses
/// nothing, knows no flow and counts nothing.
struct BareForwarder {
  std::string nic;
  Ipv4Addr vip{};
  MacAddr own{};
  MacAddr server{};
  /// Longest look for more frames before it sleeps in poll(); zero: none. As the director's carrier
  /// does, with the same budget.
  std::chrono::microseconds spin{};

  /// Forwards until the process is ended; returns only when something failed.
  Result<void> run() const;
};

}  // namespace lvs::bench
