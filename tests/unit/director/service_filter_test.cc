#include "director/io/filter/service_filter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "director/core/config.h"
#include "director/io/filter/run.h"
#include "director/io/filter/tap_filter.h"
#include "net/wire/bytes.h"
#include "tests/support/draw.h"

namespace lvs::director {
namespace {

constexpr Ipv4Addr kVip(192, 168, 1, 99);
constexpr Ipv4Addr kOtherVip(192, 168, 1, 100);

struct Shape {
  std::uint16_t ethertype = 0x0800;
  std::uint8_t header_words = 5;
  std::uint16_t fragment = 0;
  Protocol protocol = Protocol::Tcp;
  Ipv4Addr destination = kVip;
  std::uint16_t port = 80;
  bool tagged = false;
  std::size_t bytes = 74;
  Ipv4Addr source{};
  std::uint16_t source_port = 0;  ///< of ICMP: type and code
  Ipv4Addr quoted{};              ///< destination of the packet that an ICMP error quotes
};

std::vector<std::uint8_t> frame_of(const Shape& shape) {
  std::vector<std::uint8_t> frame(128);
  wire::store_be16(frame, 12, shape.ethertype);
  frame[14] = static_cast<std::uint8_t>(0x40 | shape.header_words);
  wire::store_be16(frame, 20, shape.fragment);
  frame[23] = static_cast<std::uint8_t>(shape.protocol);
  wire::store_be32(frame, 30, shape.destination.number());
  wire::store_be32(frame, 26, shape.source.number());
  const std::size_t transport = 14u + 4u * shape.header_words;
  wire::store_be16(frame, transport, shape.source_port);
  wire::store_be16(frame, transport + 2, shape.port);
  wire::store_be32(frame, transport + 24, shape.quoted.number());
  frame.resize(shape.bytes);
  return frame;
}

Selection selection_of(std::span<const ServiceKey> services) {
  Selection selection;
  for (const ServiceKey& key : services) {
    selection.services.push_back({.family = key.family(),
                                  .destination = key.vip,
                                  .protocol = key.protocol,
                                  .first = key.port,
                                  .last = key.port});
    selection.fragments_to.push_back(key.vip);
  }
  return selection;
}

bool takes(std::span<const ServiceKey> services, const Shape& shape) {
  const std::vector<sock_filter> code = exact_filter(selection_of(services), "eth0");
  const std::vector<std::uint8_t> frame = frame_of(shape);
  return run_filter(code, {.bytes = frame, .is_tagged = shape.tagged}) != 0;
}

const std::vector<ServiceKey> kWeb{{Protocol::Tcp, kVip, Port{80}}};

TEST(ServiceFilter, TakesAServicesPackets) { EXPECT_TRUE(takes(kWeb, {})); }

TEST(ServiceFilter, FindsThePortBehindIpOptions) {
  EXPECT_TRUE(takes(kWeb, {.header_words = 15, .bytes = 120}));
  EXPECT_FALSE(takes(kWeb, {.header_words = 15, .port = 81, .bytes = 120}));
}

TEST(ServiceFilter, LeavesWhatTheKernelGetsItself) {
  EXPECT_FALSE(takes(kWeb, {.port = 22}));
  EXPECT_FALSE(takes(kWeb, {.port = 79}));
  EXPECT_FALSE(takes(kWeb, {.protocol = Protocol::Udp}));
  EXPECT_FALSE(takes(kWeb, {.protocol = Protocol::Icmp}));
  EXPECT_FALSE(takes(kWeb, {.destination = kOtherVip}));
  EXPECT_FALSE(takes(kWeb, {.ethertype = 0x0806}));
  EXPECT_FALSE(takes(kWeb, {.ethertype = 0x86dd}));
}

TEST(ServiceFilter, TakesEveryFragmentToAVip) {
  EXPECT_TRUE(takes(kWeb, {.fragment = 0x2000, .port = 22}));  // the first: more fragments
  EXPECT_TRUE(takes(kWeb, {.fragment = 0x00b9, .port = 22}));  // the last: an offset
  EXPECT_TRUE(takes(kWeb, {.fragment = 0x2000, .protocol = Protocol::Icmp}));
  EXPECT_FALSE(takes(kWeb, {.fragment = 0x2000, .destination = kOtherVip}));
}

TEST(ServiceFilter, TakesPacketsThatMayNotBeFragmented) {
  EXPECT_TRUE(takes(kWeb, {.fragment = 0x4000}));
  EXPECT_FALSE(takes(kWeb, {.fragment = 0x4000, .port = 22}));
}

TEST(ServiceFilter, RefusesTaggedFrames) { EXPECT_FALSE(takes(kWeb, {.tagged = true})); }

TEST(ServiceFilter, RefusesTruncatedFramesAtEveryLength) {
  for (std::size_t bytes = 0; bytes < 38; ++bytes)
    EXPECT_FALSE(takes(kWeb, {.bytes = bytes})) << bytes;
  EXPECT_TRUE(takes(kWeb, {.bytes = 38})) << "up to the end of the destination port";
}

TEST(ServiceFilter, TakesNothingWithoutServices) {
  EXPECT_FALSE(takes({}, {}));
  EXPECT_FALSE(takes({}, {.fragment = 0x2000}));
}

TEST(ServiceFilter, KeepsVipsProtocolsAndPortsApart) {
  const std::vector<ServiceKey> services{{Protocol::Udp, kOtherVip, Port{53}},
                                         {Protocol::Tcp, kVip, Port{443}},
                                         {Protocol::Tcp, kVip, Port{80}},
                                         {Protocol::Udp, kVip, Port{5000}}};
  const auto is_service = [&](Protocol protocol, Ipv4Addr vip, std::uint16_t port) {
    return std::ranges::find(services, ServiceKey{protocol, vip, Port{port}}) != services.end();
  };
  for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp})
    for (const Ipv4Addr vip : {kVip, kOtherVip})
      for (const std::uint16_t port :
           std::to_array<std::uint16_t>({0, 52, 53, 54, 80, 81, 443, 5000, 65535}))
        EXPECT_EQ(takes(services, {.protocol = protocol, .destination = vip, .port = port}),
                  is_service(protocol, vip, port))
            << static_cast<int>(protocol) << " " << vip.number() << " " << port;
}

TEST(ServiceFilter, NeighbouringPortsCostNoMoreThanOne) {
  std::vector<ServiceKey> range;
  for (std::uint16_t port = 1000; port < 3000; ++port)
    range.push_back({Protocol::Tcp, kVip, Port{port}});
  EXPECT_LE(exact_filter(selection_of(range), "eth0").size(),
            exact_filter(selection_of(kWeb), "eth0").size() + 1);
  EXPECT_FALSE(takes(range, {.port = 999}));
  EXPECT_TRUE(takes(range, {.port = 1000}));
  EXPECT_TRUE(takes(range, {.port = 2999}));
  EXPECT_FALSE(takes(range, {.port = 3000}));
}

TEST(ServiceFilter, ReachesBehindMoreInstructionsThanAConditionalJumpSpans) {
  std::vector<ServiceKey> odd;
  for (std::uint16_t port = 1; port < 2000; port += 2)
    odd.push_back({Protocol::Tcp, kVip, Port{port}});
  odd.push_back({Protocol::Udp, kVip, Port{53}});
  odd.push_back({Protocol::Tcp, kOtherVip, Port{80}});
  EXPECT_TRUE(takes(odd, {.port = 1999}));
  EXPECT_FALSE(takes(odd, {.port = 1998}));
  EXPECT_TRUE(takes(odd, {.protocol = Protocol::Udp, .port = 53}));
  EXPECT_TRUE(takes(odd, {.destination = kOtherVip}));
}

/// As a cluster of many small services has them: each with a VIP and a port of its own.
std::vector<ServiceKey> scattered(std::uint32_t count) {
  std::vector<ServiceKey> services;
  for (std::uint32_t i = 0; i < count; ++i)
    services.push_back({Protocol::Tcp, Ipv4Addr(0x0a600000 + 7 * i),
                        Port{static_cast<std::uint16_t>(1024 + i * 31 % 60000)}});
  return services;
}

Selection with_nat_servers(std::uint32_t count) {
  Selection selection = selection_of(kWeb);
  selection.own = {IpAddr{kVip}};
  for (std::uint32_t i = 0; i < count; ++i)
    selection.servers.push_back({Ipv4Addr(0x0a000000 + 3 * i), Protocol::Tcp, Port{8080}});
  return selection;
}

TEST(ServiceFilter, ManyServicesAndServersFitTheKernelsLimit) {
  std::vector<ServiceKey> blocks;
  for (std::uint32_t vip = 0; vip < 16; ++vip)
    for (std::uint16_t port = 0; port < 256; ++port)
      blocks.push_back({Protocol::Tcp, Ipv4Addr(0x0a600000 + 2 * vip),
                        Port{static_cast<std::uint16_t>(1000 + 2 * port)}});
  std::vector<ServiceKey> alike;
  for (std::uint32_t vip = 0; vip < 2000; ++vip)
    alike.push_back({Protocol::Tcp, Ipv4Addr(0x0a600000 + 2 * vip), Port{80}});
  for (const Selection& selection :
       {selection_of(blocks), selection_of(alike), with_nat_servers(1000)})
    EXPECT_LE(exact_filter(selection, "eth0").size(), std::size_t{BPF_MAXINSNS});
}

TEST(RoughFilter, TakesAllThatItMustHoweverFewItsRanges) {
  const std::vector<ServiceKey> services = scattered(3000);
  for (const std::size_t most : {1u, 2u, 100u, 1024u}) {
    const std::vector<sock_filter> rough = rough_filter(selection_of(services), "eth0", most);
    EXPECT_LE(rough.size(), 3 * most + 64) << most;
    for (const ServiceKey& service : services) {
      const auto frame = frame_of({.destination = service.vip.v4(), .port = service.port.number});
      ASSERT_NE(run_filter(rough, {.bytes = frame}), 0u) << most;
    }
  }
}

/// Frames between a few addresses, some of which are a director's and its servers'.
Shape any_shape(test::Draw& draw) {
  const auto address = [&draw] {
    constexpr std::array all{kVip,
                             kOtherVip,
                             Ipv4Addr(0x0a000000),
                             Ipv4Addr(0x0a000003),
                             Ipv4Addr(0x0a000004),
                             Ipv4Addr(192, 168, 1, 10)};
    return all[draw.below(all.size())];
  };
  constexpr std::array protocols{Protocol::Tcp, Protocol::Udp, Protocol::Sctp, Protocol::Icmp};
  constexpr std::array<std::uint16_t, 3> fragments{0, 0x2000, 0x00b9};
  constexpr std::array<std::uint16_t, 6> ports{80, 81, 8080, 0x0300, 0x0500, 0x0b00};
  return {.header_words = static_cast<std::uint8_t>(5 + draw.below(3)),
          .fragment = fragments[draw.below(fragments.size())],
          .protocol = protocols[draw.below(protocols.size())],
          .destination = address(),
          .port = ports[draw.below(ports.size())],
          .tagged = draw.one_in(20),
          .bytes = draw.one_in(10) ? 30 + draw.below(30) : 90,
          .source = address(),
          .source_port = ports[draw.below(ports.size())],
          .quoted = address()};
}

TEST(RoughFilter, TakesEveryFrameThatTheExactOneTakes) {
  constexpr std::uint32_t seed = 20261130;
  const Selection selection = with_nat_servers(2);
  const std::vector<sock_filter> exact = exact_filter(selection, "eth0");
  test::Draw draw(seed);
  int taken = 0;
  for (const std::size_t most : {1u, 2u, 1024u}) {
    const std::vector<sock_filter> rough = rough_filter(selection, "eth0", most);
    for (int i = 0; i < 50000; ++i) {
      const Shape shape = any_shape(draw);
      const std::vector<std::uint8_t> frame = frame_of(shape);
      const FilteredFrame given{.bytes = frame, .is_tagged = shape.tagged};
      if (run_filter(exact, given) == 0) continue;
      ++taken;
      ASSERT_NE(run_filter(rough, given), 0u)
          << "seed " << seed << " frame " << i << " of " << most;
    }
  }
  EXPECT_GT(taken, 10000);
}

TEST(RoughFilter, LeavesWhatIsFarFromAllVips) {
  const std::vector<sock_filter> rough = rough_filter(selection_of(scattered(3000)), "eth0", 8);
  EXPECT_EQ(run_filter(rough, {.bytes = frame_of({})}), 0u);
  EXPECT_EQ(run_filter(rough, {.bytes = frame_of({.ethertype = 0x0806})}), 0u);
  const auto tagged = frame_of({.destination = Ipv4Addr(0x0a600000), .port = 1024});
  EXPECT_NE(run_filter(rough, {.bytes = tagged}), 0u);
  EXPECT_EQ(run_filter(rough, {.bytes = tagged, .is_tagged = true}), 0u);
}

TEST(TapFilter, IsExactInTheKernelWhereThatIsPossible) {
  const auto filter = tap_filter(selection_of(kWeb), "eth0");
  ASSERT_TRUE(filter) << filter.error().what;
  EXPECT_TRUE(filter->ours.empty());
}

TEST(TapFilter, IsRoughInTheKernelAndExactAfterwardsWhereItIsNot) {
  const std::vector<ServiceKey> services = scattered(3000);
  const auto filter = tap_filter(selection_of(services), "eth0");
  ASSERT_TRUE(filter) << filter.error().what;
  ASSERT_FALSE(filter->ours.empty());
  EXPECT_LE(filter->kernels.size(), std::size_t{BPF_MAXINSNS});
  const Shape served{.destination = services[77].vip.v4(), .port = services[77].port.number};
  const Shape beside{.destination = services[77].vip.v4(), .port = services[78].port.number};
  for (const Shape& shape : {served, beside})
    EXPECT_NE(run_filter(filter->kernels, {.bytes = frame_of(shape)}), 0u);
  EXPECT_NE(run_filter(filter->ours, {.bytes = frame_of(served)}), 0u);
  EXPECT_EQ(run_filter(filter->ours, {.bytes = frame_of(beside)}), 0u);
}

}  // namespace
}  // namespace lvs::director
