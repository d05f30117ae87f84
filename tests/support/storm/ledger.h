#pragma once

#include <string>

#include "director/core/engine.h"

namespace lvs::test {

/// Empty, or what does not hold of an engine whose expired connections are ended: frames are
/// conserved, the table keeps to `most` connections, and each server counts exactly the connections
/// that are listed for its address. Every server has an address of its own.
std::string judge_ledger(const director::Engine& engine, std::uint32_t most, Tick now);

/// Empty, or what is left although nothing should be.
std::string judge_emptiness(const director::Engine& engine);

}  // namespace lvs::test
