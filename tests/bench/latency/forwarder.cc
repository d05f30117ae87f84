#include "tests/bench/latency/forwarder.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <span>

#include "director/io/spin_budget.h"
#include "net/linux/fd.h"
#include "net/linux/sys_error.h"
#include "net/linux/virtio_header.h"

namespace lvs::bench {
namespace {

using Clock = std::chrono::steady_clock;
using linux_net::fail_errno;
using linux_net::UniqueFd;
using linux_net::VirtioHeader;

constexpr unsigned kFrameBytes = 2048;
constexpr unsigned kFrames = 512;
constexpr std::size_t kMacs = 12;

template <typename Value>
Result<void> set_option(const UniqueFd& fd, int level, int option, const Value& value) {
  if (setsockopt(fd.get(), level, option, &value, sizeof value) == 0) return {};
  return fail_errno("bare forwarder: socket option " + std::to_string(option));
}

/// Takes only datagrams for the address, by the sender's stack's own header length (no options).
Result<void> set_filter(const UniqueFd& fd, Ipv4Addr vip) {
  std::array<sock_filter, 6> code{{{BPF_LD | BPF_H | BPF_ABS, 0, 0, 12},
                                   {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, ETH_P_IP},
                                   {BPF_LD | BPF_W | BPF_ABS, 0, 0, 30},
                                   {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, vip.number()},
                                   {BPF_RET | BPF_K, 0, 0, 0xffff},
                                   {BPF_RET | BPF_K, 0, 0, 0}}};
  const sock_fprog program{code.size(), code.data()};
  return set_option(fd, SOL_SOCKET, SO_ATTACH_FILTER, program);
}

sockaddr_ll address_of(unsigned link, std::uint16_t protocol) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(protocol);
  address.sll_ifindex = static_cast<int>(link);
  return address;
}

// NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): the socket interface's own idiom
const sockaddr* generic(const sockaddr_ll& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}
tpacket2_hdr* header_of(std::uint8_t* slot) { return reinterpret_cast<tpacket2_hdr*>(slot); }
// NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)

Result<UniqueFd> open_sender() {
  UniqueFd fd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno("bare forwarder: packet socket");
  LVS_CHECK(set_option(fd, SOL_PACKET, PACKET_VNET_HDR, 1));
  LVS_CHECK(set_option(fd, SOL_PACKET, PACKET_QDISC_BYPASS, 1));
  return fd;
}

Result<UniqueFd> open_receiver(Ipv4Addr vip) {
  UniqueFd fd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno("bare forwarder: packet socket");
  LVS_CHECK(set_option(fd, SOL_PACKET, PACKET_VERSION, int{TPACKET_V2}));
  LVS_CHECK(set_option(fd, SOL_PACKET, PACKET_VNET_HDR, 1));
  LVS_CHECK(set_option(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1));
  LVS_CHECK(set_filter(fd, vip));
  const tpacket_req ring{kFrameBytes * kFrames, 1, kFrameBytes, kFrames};
  LVS_CHECK(set_option(fd, SOL_PACKET, PACKET_RX_RING, ring));
  return fd;
}

/// Writes the MAC addresses and sends the frame with the offload header that came with it.
void forward(std::uint8_t* slot, int sender, const sockaddr_ll& to,
             std::span<const std::uint8_t, kMacs> macs) {
  const tpacket2_hdr* const header = header_of(slot);
  std::uint8_t* const frame = slot + header->tp_mac;
  std::copy(macs.begin(), macs.end(), frame);
  const std::uint8_t* const start = frame - sizeof(VirtioHeader);
  sendto(sender, start, sizeof(VirtioHeader) + header->tp_snaplen, 0, generic(to), sizeof to);
}

[[noreturn]] void pump(std::uint8_t* ring, int receiver, int sender, const BareForwarder& self,
                       const sockaddr_ll& to) {
  std::array<std::uint8_t, kMacs> macs{};
  std::ranges::copy(self.server.octets(), macs.begin());
  std::ranges::copy(self.own.octets(), macs.begin() + 6);
  director::SpinBudget budget(self.spin);
  Clock::time_point busy_at = Clock::now();
  for (std::size_t next = 0;;) {
    std::uint8_t* const slot = ring + next * kFrameBytes;
    const std::atomic_ref<std::uint32_t> status(header_of(slot)->tp_status);
    if ((status.load(std::memory_order_acquire) & TP_STATUS_USER) != 0) {
      forward(slot, sender, to, macs);
      status.store(TP_STATUS_KERNEL, std::memory_order_release);
      next = (next + 1) % kFrames;
      busy_at = Clock::now();
      budget.found();
    } else if (Clock::now() - busy_at >= budget.length()) {
      budget.missed();
      pollfd ready{receiver, POLLIN, 0};
      poll(&ready, 1, -1);
      busy_at = Clock::now();
    }
  }
}

}  // namespace

Result<void> BareForwarder::run() const {
  const unsigned link = if_nametoindex(nic.c_str());
  if (link == 0) return fail_errno("bare forwarder: no NIC " + nic);
  LVS_TRY(const UniqueFd sender, open_sender());
  LVS_TRY(const UniqueFd receiver, open_receiver(vip));
  void* const memory = mmap(nullptr, std::size_t{kFrameBytes} * kFrames, PROT_READ | PROT_WRITE,
                            MAP_SHARED, receiver.get(), 0);
  if (memory == MAP_FAILED) return fail_errno("bare forwarder: mmap");
  const sockaddr_ll from = address_of(link, ETH_P_ALL);
  if (bind(receiver.get(), generic(from), sizeof from) != 0)
    return fail_errno("bare forwarder: bind");
  pump(static_cast<std::uint8_t*>(memory), receiver.get(), sender.get(), *this,
       address_of(link, 0));
}

}  // namespace lvs::bench
