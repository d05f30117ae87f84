#pragma once

#include <cstdint>
#include <string_view>

#include "director/core/config.h"
#include "director/core/ipvsadm/carry_out.h"
#include "net/base/result.h"

namespace lvs::director::simulate {

/// Sets what net.ipv4.vs has by this name (facts of IPVS, 2.18). Those that change nothing that a
/// simulation shows are accepted; an unknown name is an error.
Result<void> set_sysctl(std::string_view name, std::int64_t value, EngineSettings& settings,
                        ipvsadm::CommonSettings& common);

}  // namespace lvs::director::simulate
