#pragma once

#include <optional>
#include <string_view>

#include "director/core/ipvsadm/names.h"
#include "net/wire/addr.h"

namespace lvs::director::ipvsadm {

/// What ipvsadm writes as "host:port", "host", "[IPv6]:port" or IPv6 alone.
struct Endpoint {
  IpAddr address{};
  std::optional<Port> port{};
};

/// `protocol` is whose names ports may have. IPv6 in brackets needs a port.
std::optional<Endpoint> parse_endpoint(std::string_view text, Protocol protocol,
                                       const Names& names);

}  // namespace lvs::director::ipvsadm
