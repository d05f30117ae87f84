#pragma once

#include <span>
#include <string>
#include <string_view>

#include "director/core/ipvsadm/command.h"
#include "director/core/ipvsadm/names.h"
#include "director/core/ipvsadm/refusal.h"

// ipvsadm's language (1.31): from the words of a command line to a command. What its messages and
// exit codes are for command lines that it refuses is here; what it says when the kernel refuses is
// not.

namespace lvs::director::ipvsadm {

/// `words` are those behind the program's name; none at all is `-L`.
Outcome<Command> parse(std::span<const std::string> words, const Names& names);

/// The same of a line, as `ipvsadm -R` reads it. Any bytes may be given.
Outcome<Command> parse_line(std::string_view line, const Names& names);

}  // namespace lvs::director::ipvsadm
