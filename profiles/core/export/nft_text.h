#pragma once

#include <string>

#include "profiles/core/objects/nft_table.h"
#include "profiles/core/objects/withholding.h"

namespace lvs::profiles {

/// The table in nft(8)'s language, as `nft -f` takes it.
std::string nft_text(const OwnTable& table);
std::string nft_text(const Withholding& table);

}  // namespace lvs::profiles
