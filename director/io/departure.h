#pragma once

#include "director/core/frame.h"
#include "director/core/verdict.h"
#include "director/io/carrier.h"
#include "director/io/outbox.h"
#include "net/linux/virtio_header.h"

// How frames leave, as their verdicts say.

namespace lvs::director {

/// What the engine needs to know of an offload header.
Offload offload_of(const linux_net::VirtioHeader& header);

/// Puts a frame that the engine forwards into the outbox: whole, with the offload header that it
/// came with; or finished and without one, in as many pieces as it takes, where no network card
/// could do the rest: in a tunnel, and where the way is too narrow for it. False when that cannot
/// be done: nothing was put in.
bool depart(CarrierFrame& frame, const Verdict& verdict, const Outbox::Letter& letter,
            Outbox& outbox);

/// The frame with its offload header: as it came, or the empty one when the engine has put another
/// packet in its place. An unfinished CRC of SCTP is finished: no card is asked for one by a packet
/// socket, and a card that was would write an internet checksum over it.
std::span<std::uint8_t> with_offload(CarrierFrame& frame);

}  // namespace lvs::director
