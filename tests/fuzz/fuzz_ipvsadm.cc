// The ipvsadm parser takes any bytes as a line. Whatever they are, it ends with a command or with a
// message, and what a command of configuration says can be given to an engine, which may refuse it.

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "director/core/engine.h"
#include "director/core/ipvsadm/carry_out.h"
#include "director/core/ipvsadm/names.h"
#include "director/core/ipvsadm/parse.h"

namespace {

using namespace lvs;
using namespace lvs::director;

ipvsadm::Names some_names() {
  return {.host = [](std::string_view name) -> std::optional<IpAddr> {
            if (name == "vip") return Ipv4Addr{10, 0, 0, 1};
            return std::nullopt;
          },
          .port = [](std::string_view name, Protocol) -> std::optional<Port> {
            if (name == "http") return Port{80};
            return std::nullopt;
          }};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  Engine engine({.connections = 16}, {}, kSchedulers, Tick{});
  ipvsadm::CommonSettings common;
  const ipvsadm::Target target{
      .engine = engine, .common = common, .way_to = [](const IpAddr&) -> Result<NextHopId> {
        return NextHopId{1};
      }};
  for (int lines = 0; !text.empty() && lines < 64; ++lines) {
    const std::size_t end = text.find('\n');
    const auto command = ipvsadm::parse_line(text.substr(0, end), some_names());
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (command) {
      const auto done = ipvsadm::carry_out(*command, target, Tick{});
      assert(done || !done.error().what.empty());
    } else {
      assert(!command.error().message.empty() && command.error().status != 0);
    }
  }
  return 0;
}
