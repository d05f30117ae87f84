#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <string>
#include <vector>

#include "director/io/filter/selection.h"

// The classic BPF programs of the carrier's socket at one link. A program may be longer than the
// kernel's 4096 instructions, or than the memory that it gives a socket for them (optmem_max): then
// the kernel runs a rough one, and the carrier the exact one over what comes (run.h).

namespace lvs::director {

/// Takes exactly the frames of the selection that come in by `link`. Frames with a VLAN tag belong
/// to another link and are refused. About two instructions an address and a range of ports;
/// services of many VIPs that are the same, neighbouring ports and neighbouring VIPs cost no more
/// than one.
std::vector<sock_filter> exact_filter(const Selection& selection, const std::string& link);

/// Takes all of these frames, and some beside: it asks for addresses alone, and for no more than
/// `most` ranges of them on each side of a family.
std::vector<sock_filter> rough_filter(const Selection& selection, const std::string& link,
                                      std::size_t most);

}  // namespace lvs::director
