#include "tests/lab/raw_flood.h"

#include <gtest/gtest.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>

#include "net/wire/checksum.h"
#include "tests/lab/director_lab.h"
#include "tests/support/frames.h"

namespace lvs::test {
namespace {

constexpr std::uint32_t kSources = 0xc6120000;  // 198.18.0.0
constexpr std::size_t kAtOnce = 64;

linux_net::UniqueFd bound_socket() {
  linux_net::UniqueFd fd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  sockaddr_ll at{};
  at.sll_family = AF_PACKET;
  at.sll_ifindex = static_cast<int>(if_nametoindex("eth0"));
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket interface's own idiom
  EXPECT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
  return fd;
}

void be_from(Bytes& frame, std::uint32_t number) {
  const wire::MutableBytes ip = wire::MutableBytes{frame}.subspan(wire::kEthernetHeader);
  wire::store_be32(ip, 12, kSources + number % (1u << 17));
  wire::store_be16(ip, 20, static_cast<std::uint16_t>(1024 + number % 60000));
  finish_ipv4(frame);
  finish_transport(ipv4_of(frame));
}

}  // namespace

RawFlood::RawFlood(const Netns& from, const MacAddr& to)
    : socket_(from.run(bound_socket)),
      frame_(make_frame({.destination = Ipv4Addr(192, 168, 1, 99)})) {
  wire::store_ethernet(frame_, to, mac_of(from), wire::EtherType::Ipv4);
}

void RawFlood::send(std::uint32_t count) {
  std::array<Bytes, kAtOnce> frames;
  frames.fill(frame_);
  std::array<mmsghdr, kAtOnce> messages{};
  std::array<iovec, kAtOnce> ranges{};
  while (count > 0) {
    const std::size_t some = std::min<std::size_t>(count, kAtOnce);
    for (std::size_t i = 0; i < some; ++i) {
      be_from(frames[i], sent_ + static_cast<std::uint32_t>(i));
      ranges[i] = {frames[i].data(), frames[i].size()};
      messages[i].msg_hdr.msg_iov = &ranges[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int sent = sendmmsg(socket_.get(), messages.data(), static_cast<unsigned>(some), 0);
    ASSERT_GT(sent, 0);
    sent_ += static_cast<std::uint32_t>(sent);
    count -= static_cast<std::uint32_t>(sent);
  }
}

}  // namespace lvs::test
