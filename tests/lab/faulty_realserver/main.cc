// An apply of lvs-realserver as a process of its own that fails or dies where its command line
// says:
//
//   faulty-realserver KIND AT PROFILE HOST STATE_DIR
//
// KIND is a number of Fault::Kind. What recovers from it is lvs-realserver itself.

#include <iostream>
#include <string>
#include <vector>

#include "profiles/host/apply.h"
#include "tests/lab/fault.h"

namespace {

using namespace lvs;

int apply_with(test::Fault fault, const host::HostOptions& options) {
  const auto loaded = host::load_host(options);
  auto kernel = profiles::LinuxKernel::open();
  if (!loaded || !kernel) return static_cast<int>(ExitStatus::Usage);
  test::FaultyKernel faulty(std::move(*kernel), fault);
  const auto applied = host::apply_on(**loaded, options, host::Purpose::Stay,
                                      {faulty, test::faulty_journal(fault)}, std::cout);
  if (applied) return 0;
  std::cerr << applied.error().message << '\n';
  return static_cast<int>(applied.error().status);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() != 5) return static_cast<int>(ExitStatus::Usage);
  test::Fault fault;
  fault.kind = static_cast<test::Fault::Kind>(std::stoi(words[0]));
  fault.at = std::stoi(words[1]);
  host::HostOptions options;
  options.profile = words[2];
  options.host = words[3];
  options.state_dir = words[4];
  options.program = "lvs-realserver";
  return apply_with(fault, options);
}
