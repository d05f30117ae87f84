#pragma once

#include <string>
#include <vector>

#include "net/base/result.h"
#include "net/wire/addr.h"

namespace lvs::verify {

/// Says "220 NAME …" to whoever connects to one of these TCP ports, and hangs up: what an FTP
/// server begins a control connection with (RFC 959, 5.4), and enough of it to tell servers apart.
/// IPv4. Does not return but with an error.
Result<void> run_greeter(const std::string& name, const std::vector<Port>& ports);

}  // namespace lvs::verify
