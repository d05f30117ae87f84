#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "director/core/engine.h"
#include "net/base/result.h"
#include "net/wire/addr.h"

namespace lvs::director::simulate {

/// A rule of iptables that marks packets, as far as recordings have them.
struct MarkingRule {
  std::optional<Prefix> destination{};
  std::optional<Prefix> source{};
  std::optional<Protocol> protocol{};
  std::optional<Port> port{};
  std::uint32_t mark = 0;

  bool matches(const ClientFlow& flow) const;
};

/// "-t mangle -A PREROUTING [-d NET] [-s NET] [-p PROTOCOL] [--dport PORT] -j MARK --set-mark N":
/// `words` are those behind the program's name.
Result<MarkingRule> parse_marking_rule(std::span<const std::string> words);

/// MARK ends nothing: the last rule that matches says the mark. 0: none.
std::uint32_t mark_of(std::span<const MarkingRule> rules, const ClientFlow& flow);

}  // namespace lvs::director::simulate
