#include "director/core/peek.h"

#include <gtest/gtest.h>

#include "director/core/packet.h"
#include "tests/support/family.h"

namespace lvs::director {
namespace {

using test::Bytes;
using test::frame_of;
using test::make_packet;
using test::request_spec;

template <typename Addr>
std::optional<FlowKey<Addr>> peek(wire::ConstBytes packet) {
  if constexpr (FamilyTraits<Addr>::kFamily == Family::Ipv4) return peek_ipv4(packet);
  if constexpr (FamilyTraits<Addr>::kFamily == Family::Ipv6) return peek_ipv6(packet);
}

template <typename Addr>
void expect_the_key_of_the_parser(Protocol protocol) {
  std::vector<std::uint8_t> packet = make_packet(request_spec<Addr>(protocol, 10));
  Bytes frame = frame_of(packet);
  const auto parsed = parse_packet<Addr>(*wire::EthernetView::parse(frame), {});
  ASSERT_TRUE(parsed.packet);
  EXPECT_EQ(peek<Addr>(packet), parsed.packet->key());
}

TEST(Peek, GivesTheKeyThatTheParserGives) {
  for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp, Protocol::Sctp}) {
    expect_the_key_of_the_parser<Ipv4Addr>(protocol);
    expect_the_key_of_the_parser<Ipv6Addr>(protocol);
  }
}

TEST(Peek, GivesNoneForWhatHasNoPortsAtTheUsualPlace) {
  auto later_fragment = make_packet(request_spec<Ipv4Addr>(Protocol::Udp, 10));
  later_fragment[7] = 1;
  EXPECT_FALSE(peek_ipv4(later_fragment));
  auto with_options = request_spec<Ipv4Addr>(Protocol::Udp, 10);
  with_options.options = {1, 1, 1, 1};
  EXPECT_FALSE(peek_ipv4(make_packet(with_options)));
  auto of_icmp = make_packet(request_spec<Ipv4Addr>(Protocol::Udp, 10));
  of_icmp[9] = 1;
  EXPECT_FALSE(peek_ipv4(of_icmp));
  auto with_extension = make_packet(request_spec<Ipv6Addr>(Protocol::Udp, 10));
  with_extension[6] = 44;
  EXPECT_FALSE(peek_ipv6(with_extension));
}

TEST(Peek, ReadsNothingBehindTheEnd) {
  const auto v4 = make_packet(request_spec<Ipv4Addr>(Protocol::Udp, 0));
  for (std::size_t length = 0; length < 24; ++length)
    EXPECT_FALSE(peek_ipv4(wire::ConstBytes{v4}.first(length))) << length;
  EXPECT_TRUE(peek_ipv4(wire::ConstBytes{v4}.first(24)));
  const auto v6 = make_packet(request_spec<Ipv6Addr>(Protocol::Udp, 0));
  for (std::size_t length = 0; length < 44; ++length)
    EXPECT_FALSE(peek_ipv6(wire::ConstBytes{v6}.first(length))) << length;
  EXPECT_TRUE(peek_ipv6(wire::ConstBytes{v6}.first(44)));
}

}  // namespace
}  // namespace lvs::director
