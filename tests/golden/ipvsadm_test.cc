#include <gtest/gtest.h>

#include <cstddef>
#include <iostream>
#include <optional>
#include <string>

#include "director/core/ipvsadm/parse.h"
#include "director/core/ipvsadm/words.h"
#include "tests/golden/recording.h"

namespace lvs::test {
namespace {

namespace ipvsadm = director::ipvsadm;

/// One call of ipvsadm, and how it ended.
struct Call {
  std::string line;
  std::string err;
  int status = 0;
};

/// Some were followed by "; echo rc=$?; …", which says how the call itself ended. Those that hold
/// other programs are for reading.
std::optional<Call> call_of(const Json& recording) {
  const std::string cmd = text_of(recording, "cmd");
  const std::string program = "ipvsadm ";
  if (!cmd.starts_with(program)) return std::nullopt;
  Call call{cmd.substr(program.size()), text_of(recording, "stderr"),
            static_cast<int>(number_of(recording, "rc"))};
  const std::size_t end = call.line.find("; echo rc=$?");
  if (end != std::string::npos) {
    call.line.resize(end);
    call.status = std::stoi(text_of(recording, "stdout").substr(std::string{"rc="}.size()));
  }
  if (call.line.find_first_of("|;><") != std::string::npos) return std::nullopt;
  return call;
}

/// Refused because of what its words are; the kernel refuses with -1 too, but never like this.
bool is_refused_by_its_words(const Call& call) {
  if (call.status == 2) return true;
  for (const char* const text : {"unknown option", "missing argument", "Try `ipvsadm"})
    if (call.err.find(text) != std::string::npos) return true;
  return false;
}

/// The engine's persistence has no masks with gaps, so the parser refuses what ipvsadm takes: "-M
/// 24" is 0.0.0.24 to it.
bool has_a_mask_with_gaps(const Call& call) { return call.line.find("-M 24") != std::string::npos; }

ipvsadm::NameTable recorded_names() {
  ipvsadm::NameTable names;
  names.read_hosts("10.0.0.1 vip1.example\n192.168.10.11 rs1.example\n");
  names.read_services("http 80/tcp www\n");
  return names;
}

TEST(IpvsadmGolden, RefusesTheCommandLinesThatIpvsadmRefuses) {
  const auto recordings = read_recordings("ipvsadm.jsonl");
  if (!recordings) GTEST_SKIP() << "no recordings: LVSKIT_SHARED does not hold golden/";
  const ipvsadm::NameTable names = recorded_names();
  std::size_t refused = 0;
  std::size_t taken = 0;
  for (const Json& recording : *recordings) {
    const std::optional<Call> call = call_of(recording);
    if (!call || has_a_mask_with_gaps(*call)) continue;
    const auto parsed = ipvsadm::parse_line(call->line, names.names());
    SCOPED_TRACE(text_of(recording, "id") + ": ipvsadm " + call->line);
    const bool expect_refusal = is_refused_by_its_words(*call);
    EXPECT_EQ(parsed.has_value(), !expect_refusal);
    if (parsed.has_value()) {
      ++taken;
      continue;
    }
    ++refused;
    EXPECT_EQ(parsed.error().message + '\n', call->err);
    EXPECT_EQ(parsed.error().status, call->status);
  }
  std::cout << "ipvsadm.jsonl: " << refused << " command lines refused, " << taken << " taken\n";
  EXPECT_GT(refused, 0u);
  EXPECT_GT(taken, 0u);
}

}  // namespace
}  // namespace lvs::test
