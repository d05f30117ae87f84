#pragma once

#include <string>

#include "net/wire/bytes.h"

namespace lvs::wire {

/// One line of English about an Ethernet frame, for traces and failed tests. It never fails: what
/// cannot be read is said to be unreadable.
std::string describe(ConstBytes frame);

/// The same from the IPv4 header on:
/// "192.0.2.1:40000 > 203.0.113.10:80 tcp syn, seq 1 ack 0 length 0".
std::string describe_ipv4(ConstBytes packet);
/// "[2001:db8::1]:40000 > [2001:db8::2]:80 tcp syn, seq 1 ack 0 length 0".
std::string describe_ipv6(ConstBytes packet);

}  // namespace lvs::wire
