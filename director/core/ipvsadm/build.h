#pragma once

#include "director/core/ipvsadm/command.h"
#include "director/core/ipvsadm/draft.h"
#include "director/core/ipvsadm/refusal.h"

namespace lvs::director::ipvsadm {

/// The command of a draft that check_draft() passed.
Outcome<Command> build_command(const Draft& draft);

}  // namespace lvs::director::ipvsadm
