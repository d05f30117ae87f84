#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/lab/flows/flow.h"

// A hop's packets as lines of text, with everything that two runs must have in common and nothing
// else. What is left out, and why:
//
//   IP id of a whole packet       a kernel picks it; that each hop keeps it is judged by contents()
//   sequence numbers, timestamps  likewise; they are shown relative to the first one of the hop
//   windows, window scale         grow with a kernel's memory and version (6.1 there, ours here);
//                                 contents() judges that nobody changes them on the way
//   pure acknowledgements         when several are merged or a delayed one is sent is a matter of
//                                 time: the set of their lines counts, not their number
//   PSH                           a kernel sets it where its program's writes end
//   lengths of fragments          the recording's director put datagrams together and cut them
//                                 anew, ours forwards fragments as they come: what the receiver
//                                 puts together counts, and that its pieces agree. Likewise an
//                                 error quotes the datagram there, its first fragment here
//   content and id of echoes      time of day, process number
//   GUE's source port             each kernel's own hash of the flow (facts of IPVS, 2.13: entropy)
//
// An exception that belongs to one place of a recording is in recording.cc.

namespace lvs::test {

struct Lines {
  std::vector<std::string> packets{};
  std::set<std::string> acknowledgements{};
};
Lines lines_of(const std::vector<Seen>& seen);

/// What no hop may change: from the transport header on, without checksums; ids. A line a packet.
std::vector<std::string> contents(const std::vector<Seen>& seen);

/// Checksums that are wrong, a line each: of each packet as it was on the wire, of what tunnels
/// carry, of datagrams put together, of what ICMP errors quote.
std::vector<std::string> wrong_checksums(const std::vector<IpPacket>& packets);

}  // namespace lvs::test
