#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "net/linux/namespace.h"
#include "net/linux/rtnetlink.h"

namespace lvs::linux_net {

/// How long an event that must come may take before a test gives up. Nothing waits for it when all
/// is well.
inline std::chrono::steady_clock::time_point soon() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(10);
}

/// A test in a network namespace of its own, which goes away with it. As an ordinary user it also
/// gets a user namespace; where that is not allowed either, it is skipped and says so.
class OwnNamespace : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// A second, empty network namespace; the test stays in its own.
  static NetNamespace another_namespace();
  static RouteSocket open_routes();
  static Link link(const std::string& name);
  /// A veth pair `here` and `there`, both up, the second in `other`.
  static void connect(const std::string& here, const NetNamespace& other, const std::string& there);

 private:
  std::optional<NetNamespace> home_;
};

/// The calling thread is in another network namespace while this lives.
class Inside {
 public:
  explicit Inside(const NetNamespace& other);
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  Inside(Inside&&) = delete;
  Inside& operator=(Inside&&) = delete;
  ~Inside();

 private:
  NetNamespace home_;
};

}  // namespace lvs::linux_net
