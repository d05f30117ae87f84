#pragma once

#include <cstdint>
#include <optional>

#include "director/core/frame.h"
#include "director/core/ftp/data.h"
#include "director/core/packet.h"
#include "director/core/step.h"

namespace lvs::director {

/// Makes a segment of a control connection's server what its client is to get: what it announces
/// for the first time is expected and told as the VIP's, what was told differently before is told
/// so again, and its number is the client's. `first` is that of its payload, `way` leads to the
/// client. A step: it cannot go, and is as it was.
template <typename Addr>
std::optional<Step> translate_answer(const FtpControl<Addr>& control, const Packet<Addr>& packet,
                                     Frame& frame, std::uint32_t first, NextHopId way);

}  // namespace lvs::director
