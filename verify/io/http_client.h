#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "net/wire/addr.h"
#include "verify/core/rotation.h"

namespace lvs::verify {

/// One GET over a connection of its own (Connection: close).
struct HttpRequest {
  IpAddr to{};
  Port port{80};
  std::optional<IpAddr> from;  ///< source address; absent: the kernel chooses
  std::string target = "/";
  std::string wanted_header;                 ///< the header whose value is to be told
  std::chrono::milliseconds deadline{3000};  ///< for everything together
};

/// What came of it. `failure` says in a few words why there was no page; `local` is our end of the
/// connection whenever a socket was bound, also of one that failed.
struct HttpAnswer {
  Endpoint local;
  std::string failure;
  unsigned status = 0;
  std::string body;    ///< at most 1 MiB
  std::string header;  ///< of `wanted_header`; empty when there was none
};

HttpAnswer http_get(const HttpRequest& request);

}  // namespace lvs::verify
