#include "realserver/decap/run.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "net/base/exit_status.h"
#include "net/linux/sys_error.h"
#include "profiles/core/decap_arguments.h"
#include "realserver/decap/inner_packet.h"
#include "realserver/decap/loopback_sender.h"
#include "realserver/decap/receiver.h"

namespace lvs::realserver {
namespace {

constexpr std::size_t kLargestPacket = 128 * 1024;  // an IP packet and headers around it
constexpr int kPacketsPerTurn = 64;                 // of one socket, before the next has its turn

/// A socket stays open without the right to open another: what arrives from the network meets a
/// process that may do nothing else.
Result<void> give_up_rights() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return linux_net::fail_errno("promise to gain no rights");
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
  if (::syscall(SYS_capset, &header, none.data()) != 0)
    return linux_net::fail_errno("give up the capabilities");
  return {};
}

class Decapsulator {
 public:
  static Result<Decapsulator> open(const profiles::DecapRules& rules) {
    LVS_TRY(LoopbackSender sender, LoopbackSender::open());
    std::vector<Receiver> receivers;
    for (const profiles::DecapTarget& target : rules.targets) {
      LVS_TRY(std::vector<Receiver> opened, Receiver::open(target));
      std::ranges::move(opened, std::back_inserter(receivers));
    }
    return Decapsulator(rules.vips, std::move(receivers), std::move(sender));
  }

  [[noreturn]] void run() {
    std::vector<pollfd> waiting;
    for (const Receiver& receiver : receivers_) waiting.push_back({receiver.fd(), POLLIN, 0});
    while (true) {
      ::poll(waiting.data(), waiting.size(), -1);
      for (std::size_t i = 0; i < waiting.size(); ++i)
        if (waiting[i].revents != 0) take_some(receivers_[i]);
    }
  }

 private:
  Decapsulator(std::vector<IpAddr> vips, std::vector<Receiver> receivers, LoopbackSender sender)
      : vips_(std::move(vips)), receivers_(std::move(receivers)), sender_(std::move(sender)) {
    std::ranges::sort(vips_);
  }

  void take_some(const Receiver& receiver) {
    for (int i = 0; i < kPacketsPerTurn; ++i) {
      const auto received = receiver.receive(buffer_);
      if (!received) return;
      const auto inner = inner_packet(received->payload, receiver.type(), receiver.inner());
      if (!inner || !std::ranges::binary_search(vips_, inner->destination)) continue;
      if (pass_congestion_on(*inner, received->ecn)) sender_.send(*inner);
    }
  }

  std::vector<IpAddr> vips_;
  std::vector<Receiver> receivers_;
  LoopbackSender sender_;
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(kLargestPacket);
};

void say(std::string_view text) {
  // Whoever started us may be gone; then nobody wants to know.
  [[maybe_unused]] const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
}

Result<Decapsulator> prepare(std::span<const std::string> arguments) {
  LVS_TRY(const profiles::DecapProcess process, profiles::parse_decap_arguments(arguments));
  LVS_TRY(Decapsulator decapsulator, Decapsulator::open(process.rules));
  LVS_CHECK(give_up_rights());
  return decapsulator;
}

/// Holds nothing of whoever started us: no folder, no terminal, no pipe.
void let_go() {
  [[maybe_unused]] const int moved = ::chdir("/");
  const linux_net::UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing.get(), fd);
}

}  // namespace

int run_decap(std::span<const std::string> arguments) {
  Result<Decapsulator> decapsulator = prepare(arguments);
  if (!decapsulator) {
    say(decapsulator.error().what + "\n");
    return static_cast<int>(ExitStatus::Failed);
  }
  say("ready\n");
  let_go();
  decapsulator->run();
}

}  // namespace lvs::realserver
