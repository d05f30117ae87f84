#include "tests/support/host_dump.h"

#include <gtest/gtest.h>

#include <iterator>
#include <set>

namespace lvs::test {
namespace {

TEST(HostDump, ForgetsWhatChangesByItself) {
  EXPECT_EQ(normalised("== nft\n\tcounter packets 17 bytes 1020 drop # handle 4\n"),
            normalised("== nft\n\tcounter packets 0 bytes 0 drop # handle 9\n"));
  EXPECT_EQ(normalised("== addresses\n1: lo valid_lft 12sec preferred_lft 7sec\n"),
            "== addresses\n1: lo valid_lft N preferred_lft N\n");
}

TEST(HostDump, SortsObjectsButNotRules) {
  EXPECT_EQ(normalised("== routes\nb\na\n== nft\nd\nc\n"), "== routes\na\nb\n== nft\nd\nc\n");
}

TEST(HostDump, KeepsEveryDifferenceThatCounts) {
  const char* const different[] = {"== routes\na proto 76\n",
                                   "== routes\na proto 77\n",
                                   "== routes\na proto 76\na proto 76\n",
                                   "== addresses\na proto 76\n",
                                   "== sysctls\nk = 1\n",
                                   "== sysctls\nk = 0\n"};
  std::set<std::string> dumps;
  for (const char* dump : different) dumps.insert(normalised(dump));
  EXPECT_EQ(dumps.size(), std::size(different));
}

}  // namespace
}  // namespace lvs::test
