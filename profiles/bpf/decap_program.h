#pragma once

#include <cstdint>
#include <span>

namespace lvs::bpf {

/// The compiled program lvskit_decap (profiles/bpf/decap.bpf.cc): an ELF object with its maps and
/// their types, as libbpf loads it.
std::span<const std::uint8_t> decap_program();

}  // namespace lvs::bpf
