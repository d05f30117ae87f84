#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lvs::director::ipvsadm {

/// Split at blanks. What stands between quotes of either kind belongs together; a quote without its
/// partner takes the rest.
std::vector<std::string> split_words(std::string_view line);

}  // namespace lvs::director::ipvsadm
