#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace lvs::test {

/// Asks again and again until `holds` says yes (true) or 10 s have passed (false).
inline bool eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace lvs::test
