#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "net/wire/addr.h"
#include "verify/core/rotation.h"

namespace lvs::verify {

/// A TCP connection that says nothing and waits for the first line, as FTP's control connection.
struct GreetingQuestion {
  IpAddr to{};
  Port port{};
  std::optional<IpAddr> from;                ///< source address; absent: the kernel chooses
  std::chrono::milliseconds deadline{3000};  ///< for everything together
};

struct GreetingAnswer {
  Endpoint local;
  std::string failure;  ///< empty when there was a line
  std::string line;     ///< without its end; at most 512 bytes
};

GreetingAnswer read_greeting(const GreetingQuestion& question);

}  // namespace lvs::verify
