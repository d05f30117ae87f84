// The program as built: lines in, lines out, exit codes.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "net/linux/process.h"

namespace lvs::test {
namespace {

namespace fs = std::filesystem;

linux_net::Finished run(const std::string& input, const std::vector<std::string>& options = {}) {
  std::vector<std::string> args{"simulate"};
  args.insert(args.end(), options.begin(), options.end());
  const fs::path program = fs::canonical("/proc/self/exe").parent_path() / "lvs-director";
  auto finished = linux_net::run_program({.path = program, .args = args, .input = input},
                                         std::chrono::seconds{60});
  if (!finished) ADD_FAILURE() << finished.error().what;
  return finished ? *finished : linux_net::Finished{};
}

/// A record whose service and server are these.
std::string record(const std::string& vip, const std::string& server) {
  return R"({"id":"r","commands":["ipvsadm -A -t )" + vip + R"(","ipvsadm -a -t )" + vip + " -r " +
         server +
         R"("],"connections":[{"action":"syn","proto":"tcp","src":"192.0.2.1","sport":5,)"
         R"("dst":"10.0.0.1","dport":80}]})"
         "\n";
}

constexpr const char* kAnswer =
    R"({"id":"r","connections":[{"chosen":"10.0.0.2:80","state":"SYN_RECV","replies":[],)"
    R"("forwarded":["tcp 192.0.2.1:5 > 10.0.0.1:80 S"]}],"templates":[]})"
    "\n";

TEST(SimulateProgram, AnswersEachLine) {
  const std::string one = record("10.0.0.1:80", "10.0.0.2");
  const linux_net::Finished finished = run(one + one);
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(finished.out, std::string{kAnswer} + kAnswer);
  EXPECT_EQ(finished.err, "");
}

TEST(SimulateProgram, SaysWhichLineIsBrokenAndGoesOn) {
  const linux_net::Finished finished =
      run(R"({"id":"broken"})" + std::string{"\n"} + record("10.0.0.1:80", "10.0.0.2"));
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_EQ(finished.out, R"({"id":"broken","error":"commands: a list was expected"})" +
                              std::string{"\n"} + kAnswer);
}

TEST(SimulateProgram, ResolvesNames) {
  const fs::path hosts = fs::temp_directory_path() / "lvs-simulate-hosts";
  std::ofstream(hosts) << "10.0.0.1 vip.example\n10.0.0.2 rs.example\n";
  const std::string port = fs::exists("/etc/services") ? "http" : "80";
  const std::string named = record("vip.example:" + port, "rs.example");
  const linux_net::Finished finished = run(named, {"--hosts", hosts});
  EXPECT_EQ(finished.exit_code, 0);
  EXPECT_EQ(finished.out, kAnswer);
  EXPECT_EQ(run(named).exit_code, 1);
  fs::remove(hosts);
}

TEST(SimulateProgram, RefusesOptionsThatItDoesNotHave) {
  EXPECT_EQ(run("", {"--host"}).exit_code, 64);
  const linux_net::Finished finished = run("", {"--hosts", "/nonexistent/hosts"});
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_NE(finished.err.find("/nonexistent/hosts"), std::string::npos);
}

TEST(SimulateProgram, IsQuietWithoutLines) {
  const linux_net::Finished finished = run("");
  EXPECT_EQ(finished.exit_code, 0);
  EXPECT_EQ(finished.out, "");
}

}  // namespace
}  // namespace lvs::test
