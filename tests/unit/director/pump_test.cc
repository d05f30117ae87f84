#include "director/io/pump.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "director/core/scheduler/table.h"
#include "net/wire/bytes.h"
#include "net/wire/checksum.h"
#include "net/wire/ethernet.h"
#include "net/wire/finish.h"
#include "net/wire/ipv4.h"
#include "tests/support/memory_carrier.h"

namespace lvs::director {
namespace {

constexpr LinkIndex kEth0{2};
constexpr Ipv4Addr kClient(192, 168, 1, 10), kVip(192, 168, 1, 99);
constexpr Ipv4Addr kFar(192, 168, 1, 91), kOwn(192, 168, 1, 90);
constexpr MacAddr kOurMac{{2, 0, 0, 0, 0, 1}}, kClientMac{{2, 0, 0, 0, 0, 2}};
constexpr MacAddr kServerMac{{2, 0, 0, 0, 0, 3}};
constexpr ServiceKey kFarService{Protocol::Udp, kVip, Port{53}};
constexpr ServiceKey kLocalService{Protocol::Udp, kVip, Port{54}};
constexpr ServiceKey kEmptyService{Protocol::Udp, kVip, Port{55}};
constexpr ServiceKey kTunnelService{Protocol::Udp, kVip, Port{56}};
constexpr ServiceKey kNatService{Protocol::Udp, kVip, Port{57}};
constexpr Port kRealPort{5300};
constexpr linux_net::VirtioHeader kNothingLeft{};
constexpr std::size_t kHeader = sizeof(linux_net::VirtioHeader);

/// An offload header as a veth peer makes one for a super-frame of UDP segments.
constexpr linux_net::VirtioHeader kOffload{1, 5, 42, 100, 34, 6};

MacAddr destination_of(std::span<const std::uint8_t> with_header) {
  return wire::load_mac(with_header, kHeader);
}

struct Shape {
  Port port{};
  Ipv4Addr source = kClient;
  Ipv4Addr destination = kVip;
  Port source_port{4000};
  std::size_t payload = 22;
  std::uint16_t fragment = 0;  ///< flags and offset
  linux_net::VirtioHeader offload = kOffload;
};

/// UDP without a checksum, with the offload header in front.
std::vector<std::uint8_t> datagram(const Shape& shape) {
  std::vector<std::uint8_t> bytes(kHeader + 42 + shape.payload);
  std::memcpy(bytes.data(), &shape.offload, kHeader);
  const std::span frame = std::span(bytes).subspan(kHeader);
  wire::store_ethernet(frame, kOurMac, kClientMac, wire::EtherType::Ipv4);
  const std::span ip = frame.subspan(wire::kEthernetHeader);
  ip[0] = 0x45;
  wire::store_be16(ip, 2, static_cast<std::uint16_t>(28 + shape.payload));
  wire::store_be16(ip, 4, 77);
  wire::store_be16(ip, 6, shape.fragment);
  ip[8] = 64;
  ip[9] = 17;
  wire::store_be32(ip, 12, shape.source.number());
  wire::store_be32(ip, 16, shape.destination.number());
  wire::store_be16(ip, 10, wire::checksum_of(ip.first(20)));
  wire::store_be16(ip, 20, shape.source_port.number);
  wire::store_be16(ip, 22, shape.port.number);
  wire::store_be16(ip, 24, static_cast<std::uint16_t>(8 + shape.payload));
  for (std::size_t i = 28; i < ip.size(); ++i) ip[i] = static_cast<std::uint8_t>(i);
  return bytes;
}
std::vector<std::uint8_t> datagram(Port port) { return datagram(Shape{.port = port}); }

/// A service with a server elsewhere, one with a local server, one without any.
class PumpTest : public ::testing::Test {
 protected:
  PumpTest() : engine_({.connections = 1024}, {}, kSchedulers, Tick{}), pump_(engine_, carrier_) {
    hop_ = engine_.add_next_hop({}).value();
    ServerConfig far;
    far.address = kFar;
    far.port = Port{53};
    far.next_hop = hop_;
    add(kFarService, far);
    ServerConfig own;
    own.address = kOwn;
    own.port = Port{54};
    own.method = ForwardMethod::Local;
    add(kLocalService, own);
    add(kEmptyService, std::nullopt);
    ServerConfig wrapped = far;
    wrapped.port = Port{56};
    wrapped.method = ForwardMethod::Tunnel;
    add(kTunnelService, wrapped);
    ServerConfig rewritten = far;
    rewritten.port = kRealPort;
    rewritten.method = ForwardMethod::Masq;
    add(kNatService, rewritten);
  }

  void add(const ServiceKey& key, const std::optional<ServerConfig>& server) {
    ServiceConfig config;
    config.key = key;
    config.scheduler = "rr";
    ASSERT_TRUE(engine_.add_service(config));
    if (server) {
      ASSERT_TRUE(engine_.add_server(key, *server));
    }
  }
  void resolve() {
    pump_.set_next_hop(hop_, {.link = kEth0,
                              .source = kOurMac,
                              .destination = kServerMac,
                              .own_address = IpAddr{kOwn},
                              .mtu = 1500,
                              .resolved = true});
  }
  /// A next hop to the client's own neighbour.
  NextHopId hop_to_client() {
    const NextHopId id = engine_.add_next_hop({}).value();
    pump_.set_next_hop(id, {.link = kEth0,
                            .source = kOurMac,
                            .destination = kClientMac,
                            .own_address = IpAddr{kOwn},
                            .mtu = 1500,
                            .resolved = true});
    return id;
  }
  /// A connection of the nat service, and its server's answer, which has arrived.
  void let_a_nat_server_answer() {
    resolve();
    arrive(datagram(Port{57}));
    pump_.run_batch(Tick{1});
    ASSERT_EQ(carrier_.sent.size(), 1u);
    carrier_.sent.clear();
    arrive(datagram(
        {.port = Port{4000}, .source = kFar, .destination = kClient, .source_port = kRealPort}));
    pump_.run_batch(Tick{1});
  }
  wire::Ipv4View packet(std::size_t number) {
    return *wire::Ipv4View::parse(
        std::span(carrier_.sent.at(number).with_header).subspan(kHeader + wire::kEthernetHeader));
  }
  void arrive(std::vector<std::uint8_t> with_header, bool truncated = false) {
    carrier_.arriving.push_back(
        {std::move(with_header), {.bytes = {}, .ingress = kEth0}, truncated});
  }
  std::uint64_t dropped(DropReason reason) const {
    return engine_.counters().dropped[static_cast<std::size_t>(reason)];
  }
  void expect_conserved(std::uint64_t received) const {
    EXPECT_EQ(engine_.counters().received, received);
    EXPECT_TRUE(engine_.counters().conserved());
  }

  Engine engine_;
  MemoryCarrier carrier_;
  Pump pump_;
  NextHopId hop_{};
};

TEST_F(PumpTest, ForwardsToTheServersMacWithTheOffloadHeaderUnchanged) {
  resolve();
  arrive(datagram(Port{53}));
  EXPECT_EQ(pump_.run_batch(Tick{1}), 1u);

  ASSERT_EQ(carrier_.sent.size(), 1u);
  EXPECT_EQ(carrier_.sent[0].link, kEth0);
  EXPECT_EQ(destination_of(carrier_.sent[0].with_header), kServerMac);
  EXPECT_EQ(std::memcmp(carrier_.sent[0].with_header.data(), &kOffload, kHeader), 0);
  EXPECT_EQ(engine_.counters().forwarded, 1u);
  expect_conserved(1);
}

TEST_F(PumpTest, GivesALocalServersFramesBackByteExactOnLoopback) {
  const std::vector<std::uint8_t> original = datagram(Port{54});
  arrive(original);
  pump_.run_batch(Tick{1});

  ASSERT_EQ(carrier_.sent.size(), 1u);
  EXPECT_EQ(carrier_.sent[0].link, kLoopback);
  EXPECT_EQ(destination_of(carrier_.sent[0].with_header), MacAddr{});
  const auto after_mac = static_cast<std::ptrdiff_t>(kHeader + 6);
  EXPECT_TRUE(std::equal(original.begin() + after_mac, original.end(),
                         carrier_.sent[0].with_header.begin() + after_mac));
  EXPECT_EQ(engine_.counters().local, 1u);
  expect_conserved(1);
}

TEST_F(PumpTest, GivesBackWhatIsNoService) {
  arrive(datagram(Port{9999}));
  pump_.run_batch(Tick{1});
  ASSERT_EQ(carrier_.sent.size(), 1u);
  EXPECT_EQ(carrier_.sent[0].link, kLoopback);
  EXPECT_EQ(engine_.counters().kernel, 1u);
}

TEST_F(PumpTest, AnswersOnTheIngressLinkWithAnEmptyOffloadHeader) {
  arrive(datagram(Port{55}));
  pump_.run_batch(Tick{1});
  ASSERT_EQ(carrier_.sent.size(), 1u);
  EXPECT_EQ(carrier_.sent[0].link, kEth0);
  EXPECT_EQ(destination_of(carrier_.sent[0].with_header), kClientMac);
  EXPECT_TRUE(std::ranges::all_of(std::span(carrier_.sent[0].with_header).first(kHeader),
                                  [](std::uint8_t byte) { return byte == 0; }));
  EXPECT_EQ(engine_.counters().answered, 1u);
  expect_conserved(1);
}

TEST_F(PumpTest, CountsATruncatedFrameAndSendsNothing) {
  resolve();
  arrive(datagram(Port{53}), true);
  pump_.run_batch(Tick{1});
  EXPECT_TRUE(carrier_.sent.empty());
  EXPECT_EQ(dropped(DropReason::Truncated), 1u);
  expect_conserved(1);
}

TEST_F(PumpTest, CountsAFrameThatTheKernelRefused) {
  resolve();
  carrier_.refuses = kEth0;
  arrive(datagram(Port{53}));
  arrive(datagram(Port{54}));
  pump_.run_batch(Tick{1});
  EXPECT_EQ(dropped(DropReason::SendFailed), 1u);
  EXPECT_EQ(engine_.counters().local, 1u) << "the frame behind the refused one still leaves";
  expect_conserved(2);
}

TEST_F(PumpTest, SendsWaitingFramesInOrderWhenTheirServerIsFound) {
  for (std::uint8_t number = 1; number <= 2; ++number) {
    std::vector<std::uint8_t> frame = datagram(Port{53});
    frame.back() = number;
    arrive(std::move(frame));
  }
  pump_.run_batch(Tick{1});
  EXPECT_TRUE(carrier_.sent.empty());
  EXPECT_EQ(pump_.waiting(), 2u);
  EXPECT_TRUE(pump_.take_wanted());
  EXPECT_EQ(engine_.counters().received, 0u) << "counted when its end is known";

  resolve();
  ASSERT_EQ(carrier_.sent.size(), 2u);
  EXPECT_EQ(carrier_.sent[0].with_header.back(), 1);
  EXPECT_EQ(carrier_.sent[1].with_header.back(), 2);
  EXPECT_EQ(destination_of(carrier_.sent[0].with_header), kServerMac);
  EXPECT_EQ(carrier_.sent[0].with_header[kHeader + wire::kEthernetHeader + 8], 63) << "TTL";
  const auto ip = std::span<const std::uint8_t>(carrier_.sent[0].with_header)
                      .subspan(kHeader + wire::kEthernetHeader, 20);
  EXPECT_EQ(wire::sum_of(ip), 0xffff) << "IPv4 header checksum";
  EXPECT_EQ(engine_.counters().forwarded, 2u);
  expect_conserved(2);
}

TEST_F(PumpTest, KeepsThreeFramesForAServerAndDropsTheFourth) {
  for (int i = 0; i < 4; ++i) arrive(datagram(Port{53}));
  pump_.run_batch(Tick{1});
  EXPECT_EQ(pump_.waiting(), 3u);
  EXPECT_EQ(dropped(DropReason::NoNeighbour), 1u);
  expect_conserved(1);
}

TEST_F(PumpTest, GivesWaitingFramesUpAfterThreeSeconds) {
  arrive(datagram(Port{53}));
  pump_.run_batch(Tick{1});
  pump_.expire(Tick{300});
  EXPECT_EQ(pump_.waiting(), 1u);
  pump_.expire(Tick{301});
  EXPECT_EQ(pump_.waiting(), 0u);
  EXPECT_EQ(dropped(DropReason::NoNeighbour), 1u);
  resolve();
  EXPECT_TRUE(carrier_.sent.empty());
  expect_conserved(1);
}

TEST_F(PumpTest, CountsWhatStillWaitsAtTheEnd) {
  arrive(datagram(Port{53}));
  pump_.run_batch(Tick{1});
  pump_.give_up_waiting();
  EXPECT_EQ(dropped(DropReason::NoNeighbour), 1u);
  expect_conserved(1);
}

TEST_F(PumpTest, TellsWhichNextHopsWereUsedOnce) {
  resolve();
  EXPECT_TRUE(pump_.take_used().empty());
  arrive(datagram(Port{53}));
  pump_.run_batch(Tick{1});
  EXPECT_EQ(pump_.take_used(), std::vector<NextHopId>{hop_});
  EXPECT_TRUE(pump_.take_used().empty());
}

TEST_F(PumpTest, DoesNotGiveBackWhatTheKernelHasToo) {
  carrier_.kernel_has_all = true;
  arrive(datagram(Port{9999}));
  pump_.run_batch(Tick{1});
  EXPECT_TRUE(carrier_.sent.empty());
  EXPECT_EQ(engine_.counters().kernel, 1u);
  expect_conserved(1);
}

TEST_F(PumpTest, WrapsForATunnelInTheHeadroomAndLeavesNothingToACard) {
  resolve();
  arrive(datagram({.port = Port{56}, .offload = kNothingLeft}));
  pump_.run_batch(Tick{1});
  ASSERT_EQ(carrier_.sent.size(), 1u);
  EXPECT_EQ(carrier_.sent[0].with_header.size(), kHeader + 14 + 20 + 50);
  EXPECT_EQ(destination_of(carrier_.sent[0].with_header), kServerMac);
  EXPECT_EQ(packet(0).protocol(), Protocol::IpIp);
  EXPECT_EQ(packet(0).source(), kOwn);
  EXPECT_EQ(packet(0).destination(), kFar);
  const auto inner = wire::Ipv4View::parse(packet(0).payload());
  ASSERT_TRUE(inner);
  EXPECT_EQ(inner->destination(), kVip);
  EXPECT_EQ(inner->payload().back(), 49) << "the last byte of the datagram";
  expect_conserved(1);
}

TEST_F(PumpTest, FinishesChecksumsOfWhatGoesIntoATunnel) {
  resolve();
  linux_net::VirtioHeader unfinished = kOffload;
  unfinished.gso_type = linux_net::VirtioHeader::kGsoNone;
  unfinished.segment_size = 0;
  arrive(datagram({.port = Port{56}, .offload = unfinished}));
  pump_.run_batch(Tick{1});
  ASSERT_EQ(carrier_.sent.size(), 1u);
  EXPECT_TRUE(std::ranges::all_of(std::span(carrier_.sent[0].with_header).first(kHeader),
                                  [](std::uint8_t byte) { return byte == 0; }));
  EXPECT_EQ(wire::transport_sum(*wire::Ipv4View::parse(packet(0).payload())), 0xffff);
}

TEST_F(PumpTest, CutsASuperPacketForATunnelIntoSegmentsThatAreOneFrame) {
  resolve();
  arrive(datagram({.port = Port{56}, .payload = 250}));  // segments of 100 bytes
  pump_.run_batch(Tick{1});
  ASSERT_EQ(carrier_.sent.size(), 3u);
  std::size_t payload = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto inner = wire::Ipv4View::parse(packet(i).payload());
    ASSERT_TRUE(inner);
    EXPECT_EQ(packet(i).protocol(), Protocol::IpIp);
    EXPECT_EQ(wire::transport_sum(*inner), 0xffff) << i;
    payload += inner->payload().size() - 8;
  }
  EXPECT_EQ(payload, 250u);
  EXPECT_EQ(engine_.counters().forwarded, 1u);
  expect_conserved(1);
}

TEST_F(PumpTest, CutsWhatIsLongerThanTheWayAndMayBeCut) {
  resolve();
  arrive(datagram({.port = Port{56}, .payload = 1472, .offload = kNothingLeft}));
  pump_.run_batch(Tick{1});
  ASSERT_EQ(carrier_.sent.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_LE(packet(i).total_length(), 1500u);
    EXPECT_TRUE(wire::Ipv4View::parse(packet(i).payload())->is_fragment());
  }
  expect_conserved(1);
}

TEST_F(PumpTest, AFrameOfWhichAPieceWasRefusedCountsAsNotSent) {
  resolve();
  carrier_.refuses = kEth0;
  arrive(datagram({.port = Port{56}, .payload = 250}));
  pump_.run_batch(Tick{1});
  EXPECT_EQ(dropped(DropReason::SendFailed), 1u);
  expect_conserved(1);
}

TEST_F(PumpTest, AReplyWaitsForTheWayToItsClient) {
  let_a_nat_server_answer();
  EXPECT_TRUE(carrier_.sent.empty());
  EXPECT_EQ(pump_.take_wanted_routes(), std::vector<IpAddr>{kClient});
  pump_.set_routes(std::array{RouteAnswer{kClient, hop_to_client()}});
  ASSERT_EQ(carrier_.sent.size(), 1u);
  EXPECT_EQ(destination_of(carrier_.sent[0].with_header), kClientMac);
  EXPECT_EQ(packet(0).source(), kVip);
  EXPECT_EQ(packet(0).destination(), kClient);
  EXPECT_EQ(wire::load_be16(packet(0).payload(), 0), 57) << "the service's port";
  EXPECT_EQ(std::memcmp(carrier_.sent[0].with_header.data(), &kOffload, kHeader), 0);
  expect_conserved(2);
}

TEST_F(PumpTest, AReplyWithoutAWayIsDropped) {
  let_a_nat_server_answer();
  EXPECT_EQ(pump_.take_wanted_routes().size(), 1u);
  pump_.set_routes(std::array{RouteAnswer{kClient, std::nullopt}});
  EXPECT_EQ(dropped(DropReason::NoRoute), 1u);
  expect_conserved(2);
}

TEST_F(PumpTest, AsksForNoOtherWaysWhileTheLastOnesAreNotAnswered) {
  let_a_nat_server_answer();
  EXPECT_EQ(pump_.take_wanted_routes().size(), 1u);
  EXPECT_TRUE(pump_.take_wanted_routes().empty());
  pump_.forget_routes();
  EXPECT_EQ(pump_.take_wanted_routes(), std::vector<IpAddr>{kClient})
      << "what waits asks again when the kernel's routes changed";
  EXPECT_EQ(pump_.waiting(), 1u);
}

TEST_F(PumpTest, FragmentsWaitForTheirFirstAndFollowIt) {
  resolve();
  constexpr std::uint16_t more = 0x2000;
  arrive(datagram({.port = Port{53}, .fragment = 5, .offload = kNothingLeft}));
  arrive(datagram({.port = Port{53}, .fragment = 10, .offload = kNothingLeft}));
  pump_.run_batch(Tick{1});
  EXPECT_EQ(pump_.waiting(), 2u);
  arrive(datagram({.port = Port{53}, .fragment = more, .offload = kNothingLeft}));
  pump_.run_batch(Tick{1});
  ASSERT_EQ(carrier_.sent.size(), 3u);
  EXPECT_FALSE(packet(0).is_later_fragment());
  EXPECT_TRUE(packet(1).is_later_fragment());
  EXPECT_EQ(engine_.counters().forwarded, 3u);
  expect_conserved(3);
}

TEST_F(PumpTest, FragmentsWithoutAFirstAreDroppedAsSuch) {
  resolve();
  arrive(datagram({.port = Port{53}, .fragment = 5, .offload = kNothingLeft}));
  pump_.run_batch(Tick{1});
  pump_.expire(Tick{301});
  EXPECT_EQ(dropped(DropReason::Fragment), 1u);
  expect_conserved(1);
}

TEST_F(PumpTest, SaysThatMoreConnectionsHaveEndedThanOneCallEnds) {
  resolve();
  constexpr std::uint32_t flood = 1000;
  for (std::uint16_t i = 0; i < flood; ++i)
    arrive(datagram({.port = Port{53}, .source_port = Port{static_cast<std::uint16_t>(2000 + i)}}));
  while (pump_.run_batch(Tick{1}) > 0) {
  }
  ASSERT_EQ(engine_.connection_count(), flood);
  EXPECT_FALSE(pump_.expire(Tick{2})) << "nothing has ended yet";
  const Tick over = Tick{1} + seconds_to_ticks(301);
  EXPECT_TRUE(pump_.expire(over));
  EXPECT_GT(engine_.connection_count(), 0u) << "a call is bounded";
  while (pump_.expire(over)) {
  }
  EXPECT_EQ(engine_.connection_count(), 0u);
}

TEST_F(PumpTest, ConservesAMixedBatch) {
  resolve();
  for (int i = 0; i < 200; ++i) {
    arrive(datagram(Port{static_cast<std::uint16_t>(53 + i % 5)}), i % 7 == 0);
    if (i % 11 == 0) arrive(std::vector<std::uint8_t>(kHeader + static_cast<std::size_t>(i) % 40));
  }
  const std::uint64_t all = carrier_.arriving.size();
  while (pump_.run_batch(Tick{1}) > 0) {
  }
  expect_conserved(all);
}

}  // namespace
}  // namespace lvs::director
