#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/lab/fault.h"
#include "tests/lab/host_ground.h"

namespace lvs::test {

/// What apply_with() gives when the apply was killed.
constexpr int kDied = 200;

/// Applies with the fault, in a child, so that it can die; its exit status, or kDied.
int apply_with(const HostGround& ground, Fault fault);

/// Applies with one fault after the other, until the fault lies behind the end. The host is as it
/// was after each, or as soon as the next command has looked at the journal.
class FaultSweep : public testing::Test {
 protected:
  /// Takes the host, and sees that a whole apply changes it and is taken back.
  void take(std::unique_ptr<HostGround> host);
  /// How often the fault hit.
  int sweep(Fault::Kind kind);

 private:
  /// Kernel, files and processes.
  std::string state() const;
  void take_back(const std::string& what);

  std::unique_ptr<HostGround> ground_;
  std::string before_;
};

}  // namespace lvs::test
