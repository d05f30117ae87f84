#pragma once

#include "director/core/fragment_table.h"
#include "director/core/lookup.h"
#include "director/core/moment.h"
#include "director/core/packet.h"

// Fragments are not put together: the first, which shows the ports, is judged like a packet, and
// the later ones go its way. Those that come before it wait for it.

namespace lvs::director {

template <typename Addr>
FragmentKey<Addr> fragment_key(const IpView<Addr>& ip) {
  return {ip.source(), ip.destination(), ip.fragment_id(), ip.fragment_protocol()};
}

/// What the frames wait for that came before a first fragment.
template <typename Addr>
WaitKey wait_for(const FragmentKey<Addr>& key) {
  return wait_for_fragment(key.source, key.destination, key.id, key.protocol);
}

/// Keeps what became of a first fragment. `key` is what it was before it was rewritten.
template <typename Addr>
void remember_fragment(const Moment& moment, const FragmentKey<Addr>& key,
                       const Found<Addr>& found);

/// Sends a later fragment after its first one.
template <typename Addr>
Step follow_fragment(const Moment& moment, const IpPacket<Addr>& fragment, Frame& frame);

}  // namespace lvs::director
