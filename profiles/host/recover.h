#pragma once

#include <string>
#include <vector>

#include "profiles/core/carry_out.h"
#include "profiles/host/host_part.h"

namespace lvs::host {

/// "title:" and one line for each item.
std::string listed(const std::string& title, const std::vector<std::string>& items);

/// Rolls an apply back that did not finish or was not confirmed, and ends its guard; gives notes of
/// what it did. What the kernel refuses to undo stays in the journal and ends the command; what
/// somebody changed after us is given up and noted.
HostResult<std::vector<std::string>> recover(const profiles::Ground& ground);

}  // namespace lvs::host
