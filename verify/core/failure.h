#pragma once

#include <string>

#include <tl/expected.hpp>

#include "net/base/error_status.h"
#include "net/base/exit_status.h"
#include "net/base/result.h"

namespace lvs::verify {

/// Why a command could not do its work, with the exit status that it means.
struct Failure {
  ExitStatus status = ExitStatus::Failed;
  std::string message;  ///< complete, for people, may have several lines
};

/// An operation that a command was asked for.
template <typename T>
using Outcome = tl::expected<T, Failure>;

/// An error of the kernel as the exit status that it means: a missing right is 77, what the kernel
/// lacks 69, everything else 1.
inline Failure to_failure(const Error& error) { return {exit_status_of(error), error.what}; }

inline tl::unexpected<Failure> refuse(ExitStatus status, std::string message) {
  return tl::unexpected<Failure>(Failure{status, std::move(message)});
}

}  // namespace lvs::verify
