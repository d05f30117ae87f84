#pragma once

#include <cstdint>

#include "net/wire/addr.h"

namespace lvs::test {

/// What of a packet decides its fate. One that opens or goes on with a conversation comes from a
/// client; one of a `nat` server is the same with its ends the other way round.
struct ModelPacket {
  Protocol protocol = Protocol::Tcp;
  IpAddr source{};
  Port source_port{};
  IpAddr destination{};
  Port destination_port{};
  std::uint8_t tcp_flags = 0;
  std::uint8_t sctp_chunk = 0;  ///< the first chunk's type
  std::uint32_t mark = 0;

  friend bool operator==(const ModelPacket&, const ModelPacket&) = default;
};

}  // namespace lvs::test
