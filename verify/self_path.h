#pragma once

#include <string>

namespace lvs::verify {

/// The path of this program's own file, so that helpers are taken from beside it and never from
/// PATH.
std::string self_path();

}  // namespace lvs::verify
