#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "director/core/ipvsadm/option.h"
#include "director/core/ipvsadm/refusal.h"

namespace lvs::director::ipvsadm {

/// A switch as it stands on the command line.
struct Given {
  const Switch* what = nullptr;  ///< never null
  std::string word;              ///< that it came in, for messages: "-Ln" for both of them
  std::string value;
  bool has_value = false;
};

struct Scanned {
  std::vector<Given> switches;
  std::vector<std::string> rest;   ///< words that are no switches
  std::optional<Refusal> problem;  ///< where it ended, behind all of `switches`
};

/// Reads a command line's words, without the program's name, as ipvsadm's library (popt) does:
/// short switches bundle, a value may be part of the word ("-w5", "--weight=5"), "--" ends the
/// switches, words between them are kept. One that is unknown or lacks its value ends it.
Scanned scan(std::span<const std::string> words);

}  // namespace lvs::director::ipvsadm
