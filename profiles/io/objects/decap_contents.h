#pragma once

#include <optional>

#include "net/base/result.h"
#include "net/linux/bpf_filter.h"
#include "profiles/core/objects/decap.h"

// What a DecapFilter means, as the maps of the BPF program lvskit_decap, and back.

namespace lvs::profiles {

/// E2BIG when there are more targets or VIPs than the program's maps hold, or a name that is too
/// long. `link_header`: bytes in front of the IP header on that link.
Result<linux_net::MapContents> contents_of(const DecapFilter& filter, std::uint32_t link_header);

/// nullopt: not the maps of a program of ours, or of another version of it.
std::optional<DecapFilter> filter_from(const std::string& link,
                                       const linux_net::MapContents& contents);

}  // namespace lvs::profiles
