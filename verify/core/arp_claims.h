#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "net/wire/addr.h"
#include "verify/core/owner.h"

namespace lvs::verify {

/// What a frame claims about `vip`: nullopt when it is no ARP frame whose sender address is the
/// VIP.
std::optional<Claim> read_claim(std::span<const std::uint8_t> frame, Ipv4Addr vip);

/// Who answered "who has `wanted`": the sender of an ARP reply for that address.
std::optional<MacAddr> read_reply(std::span<const std::uint8_t> frame, Ipv4Addr wanted);

}  // namespace lvs::verify
