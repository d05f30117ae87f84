#pragma once

#include <string>

#include "director/core/engine.h"

namespace lvs::director::simulate {

/// As `ipvsadm -Lnc` writes it:
/// "TCP 04:59  NONE        203.0.113.5:0      10.0.0.1:80        192.168.10.13:80".
std::string connection_line(const ConnectionStatus& connection);

}  // namespace lvs::director::simulate
