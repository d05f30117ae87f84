#include <gtest/gtest.h>

#include <array>

#include "net/wire/arp.h"
#include "net/wire/ethernet.h"
#include "net/wire/transport.h"
#include "verify/core/arp_claims.h"
#include "verify/core/wire_flows.h"

namespace lvs::verify {
namespace {

constexpr Ipv4Addr kVip{192, 168, 1, 99};
constexpr Ipv4Addr kClient{192, 168, 1, 1};
constexpr MacAddr kClientMac{{2, 0, 0, 0, 0, 1}};
constexpr MacAddr kServerMac{{2, 0, 0, 0, 0, 2}};
constexpr MacAddr kOtherMac{{2, 0, 0, 0, 0, 3}};
constexpr WireService kWeb{Protocol::Tcp, kVip, Port{80}};
constexpr WireService kEcho{Protocol::Udp, kVip, Port{7}};

struct Segment {
  bool to_vip = true;
  std::uint16_t client_port = 40000;
  std::uint8_t flags = wire::tcp_flag::kSyn;
  std::uint32_t sequence = 1;
  MacAddr from = kClientMac;
};

Frame ipv4_frame(const Segment& segment, Protocol protocol, std::uint16_t service_port,
                 std::size_t transport_bytes) {
  Frame frame(wire::kEthernetHeader + 20 + transport_bytes);
  wire::store_ethernet(frame, MacAddr::broadcast(), segment.from, wire::EtherType::Ipv4);
  const wire::MutableBytes ip = wire::MutableBytes{frame}.subspan(wire::kEthernetHeader);
  ip[0] = 0x45;
  wire::store_be16(ip, 2, static_cast<std::uint16_t>(20 + transport_bytes));
  ip[8] = 64;
  ip[9] = static_cast<std::uint8_t>(protocol);
  wire::store_be32(ip, 12, (segment.to_vip ? kClient : kVip).number());
  wire::store_be32(ip, 16, (segment.to_vip ? kVip : kClient).number());
  const wire::MutableBytes transport = ip.subspan(20);
  wire::store_be16(transport, 0, segment.to_vip ? segment.client_port : service_port);
  wire::store_be16(transport, 2, segment.to_vip ? service_port : segment.client_port);
  return frame;
}

Frame tcp(const Segment& segment) {
  Frame frame = ipv4_frame(segment, Protocol::Tcp, 80, 20);
  const wire::MutableBytes bytes = wire::MutableBytes{frame}.subspan(wire::kEthernetHeader + 20);
  wire::store_be32(bytes, 4, segment.sequence);
  bytes[12] = 0x50;
  bytes[13] = segment.flags;
  return frame;
}

Frame udp(const Segment& segment) {
  Frame frame = ipv4_frame(segment, Protocol::Udp, 7, 8);
  wire::store_be16(wire::MutableBytes{frame}.subspan(wire::kEthernetHeader + 20), 4, 8);
  return frame;
}

Frame syn_ack(std::uint16_t port, const MacAddr& mac) {
  return tcp({.to_vip = false,
              .client_port = port,
              .flags = wire::tcp_flag::kSyn | wire::tcp_flag::kAck,
              .from = mac});
}

TEST(FollowFlows, GivesEachConnectionItsServersMacInOrderOfTheSyns) {
  const std::vector<Frame> frames{tcp({.client_port = 40001}), tcp({.client_port = 40002}),
                                  syn_ack(40002, kOtherMac), syn_ack(40001, kServerMac)};
  const auto flows = follow_flows(frames, std::array{kWeb});
  ASSERT_EQ(flows.size(), 2u);
  EXPECT_EQ(flows[0].client.port, Port{40001});
  EXPECT_EQ(flows[0].reply_mac, kServerMac);
  EXPECT_EQ(flows[1].reply_mac, kOtherMac);
}

TEST(FollowFlows, CountsARetransmittedSynOnce) {
  const std::vector<Frame> frames{tcp({}), tcp({}), tcp({}), syn_ack(40000, kServerMac)};
  const auto flows = follow_flows(frames, std::array{kWeb});
  ASSERT_EQ(flows.size(), 1u);
  EXPECT_EQ(flows[0].retransmits, 2u);
}

TEST(FollowFlows, TakesAPortThatIsUsedAgainForANewConnection) {
  const std::vector<Frame> frames{tcp({.sequence = 1}), syn_ack(40000, kServerMac),
                                  tcp({.sequence = 2}), syn_ack(40000, kOtherMac)};
  const auto flows = follow_flows(frames, std::array{kWeb});
  ASSERT_EQ(flows.size(), 2u);
  EXPECT_EQ(flows[0].reply_mac, kServerMac);
  EXPECT_EQ(flows[1].reply_mac, kOtherMac);
}

TEST(FollowFlows, SeesARefusal) {
  const std::vector<Frame> frames{
      tcp({}), tcp({.to_vip = false, .flags = wire::tcp_flag::kRst, .from = kServerMac})};
  const auto flows = follow_flows(frames, std::array{kWeb});
  ASSERT_EQ(flows.size(), 1u);
  EXPECT_TRUE(flows[0].reset);
}

TEST(FollowFlows, FollowsDatagrams) {
  const std::vector<Frame> frames{udp({}), udp({.to_vip = false, .from = kServerMac})};
  const auto flows = follow_flows(frames, std::array{kEcho});
  ASSERT_EQ(flows.size(), 1u);
  EXPECT_EQ(flows[0].reply_mac, kServerMac);
}

TEST(FollowFlows, PassesOverOtherServicesAndBrokenFrames) {
  Frame cut = tcp({});
  cut.resize(30);
  const std::vector<Frame> frames{{},
                                  {1, 2, 3},
                                  cut,
                                  udp({}),
                                  tcp({.flags = wire::tcp_flag::kAck}),
                                  syn_ack(40000, kServerMac)};
  EXPECT_TRUE(follow_flows(frames, std::array{kWeb}).empty());
}

template <typename Array>
Frame to_frame(const Array& array) {
  return {array.begin(), array.end()};
}

TEST(ReadClaim, TellsTheKindsApart) {
  const auto to_own = to_frame(wire::make_arp_reply(kServerMac, kVip, kClientMac, kClient));
  const auto to_zero = to_frame(wire::make_arp_reply(kServerMac, kVip, kClientMac, Ipv4Addr{}));
  const auto asks = to_frame(wire::make_arp_request(kServerMac, kVip, kClient));
  const auto announces = to_frame(wire::make_arp_announcement(kServerMac, kVip));
  EXPECT_EQ(read_claim(to_own, kVip)->kind, ClaimKind::ReplyToOwn);
  EXPECT_EQ(read_claim(to_zero, kVip)->kind, ClaimKind::ReplyToZero);
  EXPECT_EQ(read_claim(asks, kVip)->kind, ClaimKind::Request);
  EXPECT_EQ(read_claim(announces, kVip)->kind, ClaimKind::Announcement);
  EXPECT_EQ(read_claim(to_own, kVip)->mac, kServerMac);
}

TEST(ReadClaim, PassesOverWhatClaimsNothing) {
  const auto question = to_frame(wire::make_arp_request(kClientMac, kClient, kVip));
  EXPECT_FALSE(read_claim(question, kVip));
  EXPECT_FALSE(read_claim({}, kVip));
  EXPECT_FALSE(read_claim(tcp({}), kVip));
  Frame cut = to_frame(wire::make_arp_announcement(kServerMac, kVip));
  cut.resize(cut.size() - 1);
  EXPECT_FALSE(read_claim(cut, kVip));
}

TEST(ReadReply, TakesOnlyRepliesForTheWantedAddress) {
  const auto reply = to_frame(wire::make_arp_reply(kServerMac, kVip, kClientMac, kClient));
  EXPECT_EQ(read_reply(reply, kVip), kServerMac);
  EXPECT_FALSE(read_reply(reply, kClient));
  EXPECT_FALSE(read_reply(to_frame(wire::make_arp_request(kServerMac, kVip, kClient)), kVip));
}

}  // namespace
}  // namespace lvs::verify
