// Explicit congestion notification at the tunnel's end: every pair of outer and inner field, as
// RFC 6040 (section 4.2, figure 4) and the kernel's own tunnel devices have it.

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <map>
#include <string>
#include <vector>

#include "net/linux/packet_socket.h"
#include "net/wire/checksum.h"
#include "net/wire/ecn.h"
#include "net/wire/ipv4.h"
#include "tests/lab/decap_lab.h"

namespace lvs::profiles {
namespace {

using Bytes = std::vector<std::uint8_t>;
using wire::Ecn;

constexpr std::array<Ecn, 4> kFields{Ecn::NotCapable, Ecn::Capable0, Ecn::Capable1, Ecn::Congested};
constexpr std::array<const char*, 4> kNames{"not", "0", "1", "ce"};

/// A row an inner field, a column an outer one, both in the order of kFields: "" is dropped.
constexpr std::array<std::array<const char*, 4>, 4> kFigure4{{
    {"not", "not", "not", ""},
    {"0", "0", "1", "ce"},
    {"1", "1", "1", "ce"},
    {"ce", "ce", "ce", "ce"},
}};

void append(Bytes& bytes, const Bytes& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

/// A UDP datagram for the family's VIP.
Bytes datagram(Family family, Ecn ecn, std::string_view text) {
  const IpAddr from = *parse_ip(family == Family::Ipv4 ? "203.0.113.5" : "2001:db8:1::5");
  const auto length = static_cast<std::uint16_t>(8 + text.size());
  Bytes udp{4, 0, kService.number >> 8, kService.number & 0xff, 0, 0, 0, 0};
  wire::store_be16(udp, 4, length);
  udp.insert(udp.end(), text.begin(), text.end());
  if (family == Family::Ipv4) {
    Bytes packet(20);
    append(packet, udp);  // without a checksum
    wire::store_ipv4(packet,
                     {.source = from.v4(),
                      .destination = kVip4.v4(),
                      .protocol = Protocol::Udp,
                      .tos = static_cast<std::uint8_t>(0x48u | static_cast<unsigned>(ecn))});
    return packet;
  }
  Bytes packet{0x60, 0, 0, 0, 0, 0, 17, 64};
  for (const IpAddr& addr : {from, kVip6})
    append(packet, {addr.v6().octets().begin(), addr.v6().octets().end()});
  wire::store_be16(packet, 4, length);
  const std::uint64_t pseudo = wire::add_words(std::span(packet).subspan(8), 17U + length);
  wire::store_be16(udp, 6, static_cast<std::uint16_t>(~wire::fold(wire::add_words(udp, pseudo))));
  append(packet, udp);
  wire::set_ecn(packet, Family::Ipv6, ecn);
  return packet;
}

/// What a listener received: the text, and the field that its kernel saw in the packet.
std::map<std::string, std::string> receive_until(const UniqueFd& fd, const std::string& last) {
  std::map<std::string, std::string> received;
  while (received.count(last) == 0) {
    std::array<char, 64> text{};
    alignas(cmsghdr) std::array<char, 64> control{};
    iovec into{text.data(), text.size()};
    msghdr message{};
    message.msg_iov = &into;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t got = ::recvmsg(fd.get(), &message, 0);
    if (got < 0) break;
    const cmsghdr* const traffic_class = CMSG_FIRSTHDR(&message);
    const unsigned field = traffic_class == nullptr ? 0 : *CMSG_DATA(traffic_class) & 3u;
    for (std::size_t i = 0; i < kFields.size(); ++i)
      if (static_cast<unsigned>(kFields[i]) == field)
        received[{text.data(), static_cast<std::size_t>(got)}] = kNames[i];
  }
  return received;
}

class EachTunnelsEnd : public DecapLab, public testing::WithParamInterface<DecapCase> {
 protected:
  void prepare_client() {
    const Inside inside(*client_);
    ASSERT_EQ(shell("echo 0 > /proc/sys/net/ipv6/conf/wire0/disable_ipv6"), "");
    auto opened = linux_net::PacketSocket::open(link("wire0").index, {});
    ASSERT_TRUE(opened) << opened.error().what;
    out_.emplace(*std::move(opened));
    from_ = link("wire0").mac;
  }
  void send(Family inner, Ecn outer_ecn, Ecn inner_ecn, std::string_view text) {
    const Wrapping around = wrapping(GetParam(), inner);
    Bytes packet = test::wrapped(around, datagram(inner, inner_ecn, text));
    wire::set_ecn(packet, GetParam().outer, outer_ecn);
    const MacAddr server = link("eth0").mac;
    Bytes frame(server.octets().begin(), server.octets().end());
    append(frame, {from_.octets().begin(), from_.octets().end()});
    append(frame, around.outer_is_v4 ? Bytes{0x08, 0x00} : Bytes{0x86, 0xdd});
    append(frame, packet);
    ASSERT_TRUE(out_->send(frame));
  }
  /// Every pair of fields, and one datagram more that shows that all others are through.
  void expect_figure4(Family inner) {
    const UniqueFd listener = udp_listener(inner == Family::Ipv4 ? kVip4 : kVip6);
    const int yes = 1;
    if (inner == Family::Ipv4)
      ::setsockopt(listener.get(), SOL_IP, IP_RECVTOS, &yes, sizeof yes);
    else
      ::setsockopt(listener.get(), SOL_IPV6, IPV6_RECVTCLASS, &yes, sizeof yes);
    std::map<std::string, std::string> expected{{"last", "not"}};
    for (std::size_t in = 0; in < kFields.size(); ++in) {
      for (std::size_t out = 0; out < kFields.size(); ++out) {
        const std::string text = std::string(kNames[in]) + " in " + kNames[out];
        send(inner, kFields[out], kFields[in], text);
        if (const std::string field = kFigure4[in][out]; !field.empty()) expected[text] = field;
      }
    }
    send(inner, Ecn::NotCapable, Ecn::NotCapable, "last");
    EXPECT_EQ(receive_until(listener, "last"), expected);
  }

  std::optional<linux_net::PacketSocket> out_;
  MacAddr from_{};
};

TEST_P(EachTunnelsEnd, PassesCongestionOnAsRfc6040Says) {
  make(GetParam().way);
  if (IsSkipped() || HasFatalFailure()) return;
  prepare_client();
  if (HasFatalFailure()) return;
  expect_figure4(Family::Ipv4);
  expect_figure4(Family::Ipv6);
  if (GetParam().way == Way::Bpf) {
    EXPECT_NE(shell("tc -s qdisc show dev eth0 clsact").find("dropped 2,"), std::string::npos)
        << "one of each family";
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, EachTunnelsEnd,
    testing::Values(DecapCase{Way::Bpf, TunnelType::Ipip, Family::Ipv4, false},
                    DecapCase{Way::Bpf, TunnelType::Ipip, Family::Ipv6, false},
                    DecapCase{Way::Bpf, TunnelType::Gre, Family::Ipv4, true},
                    DecapCase{Way::Bpf, TunnelType::Gue, Family::Ipv4, true},
                    DecapCase{Way::Bpf, TunnelType::Gue, Family::Ipv6, false},
                    DecapCase{Way::Process, TunnelType::Ipip, Family::Ipv4, false},
                    DecapCase{Way::Process, TunnelType::Ipip, Family::Ipv6, false},
                    DecapCase{Way::Process, TunnelType::Gre, Family::Ipv4, true},
                    DecapCase{Way::Process, TunnelType::Gue, Family::Ipv4, true},
                    DecapCase{Way::Process, TunnelType::Gue, Family::Ipv6, false}),
    name_of);

}  // namespace
}  // namespace lvs::profiles
