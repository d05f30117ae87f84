// Any bytes as a story: configuration, frames of every kind, neighbours, routes and time, in the
// order that the input says, through pump and engine. After each batch frames are conserved,
// servers count what the table holds, the table keeps its bound, what left has right sums; in the
// end no timer was lost.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

#include "tests/support/storm/storm.h"

namespace {

/// The fuzzer's way to see a broken promise.
void require_none(const std::string& wrong) {
  if (wrong.empty()) return;
  std::fprintf(stderr, "%s\n", wrong.c_str());
  __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lvs::test::GivenChoices choices({data, size});
  lvs::test::Storm storm(choices, 1);
  while (!choices.are_used_up()) require_none(storm.blow());
  require_none(storm.calm_down());
  return 0;
}
