#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>

#include "net/json/json.h"

namespace lvs::test {

/// What `lvs-director list --json` said: the director's figures, all of one moment.
class DirectorFigures {
 public:
  explicit DirectorFigures(Json listed) : listed_(std::move(listed)) {}

  std::int64_t connections() const { return *listed_.int_at("connections"); }
  std::int64_t waiting() const { return *listed_.int_at("waiting"); }
  std::int64_t frames(std::string_view verdict) const {
    return *listed_.find("counters")->int_at(verdict);
  }
  std::int64_t dropped(std::string_view reason) const {
    return *listed_.find("counters")->find("dropped")->int_at(reason);
  }
  /// Every frame that was received became one of these.
  void expect_conserved() const {
    EXPECT_EQ(frames("received"), frames("forward") + frames("local") + frames("kernel") +
                                      frames("answer") + frames("drop"));
  }
  /// Of the director's memory, now.
  std::int64_t resident_pages() const {
    std::int64_t all = 0, resident = 0;
    std::ifstream("/proc/" + std::to_string(*listed_.int_at("pid")) + "/statm") >> all >> resident;
    return resident;
  }

 private:
  Json listed_;
};

}  // namespace lvs::test
