#include "director/io/service_filter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "director/core/config.h"
#include "net/wire/bytes.h"
#include "tests/support/filter_run.h"

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
};

std::vector<std::uint8_t> frame_of(const Shape& shape) {
  std::vector<std::uint8_t> frame(128);
  wire::store_be16(frame, 12, shape.ethertype);
  frame[14] = static_cast<std::uint8_t>(0x40 | shape.header_words);
  wire::store_be16(frame, 20, shape.fragment);
  frame[23] = static_cast<std::uint8_t>(shape.protocol);
  wire::store_be32(frame, 30, shape.destination.number());
  wire::store_be16(frame, 14u + 4u * shape.header_words + 2u, shape.port);
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
  const auto code = service_filter(selection_of(services));
  EXPECT_TRUE(code) << code.error().what;
  const std::vector<std::uint8_t> frame = frame_of(shape);
  return test::FilterRun(*code, frame, shape.tagged).verdict() != 0;
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
  EXPECT_EQ(service_filter(selection_of(range))->size(),
            service_filter(selection_of(kWeb))->size());
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

TEST(ServiceFilter, RefusesMoreServicesThanTheKernelsLimit) {
  std::vector<ServiceKey> odd;
  for (std::uint16_t port = 1; port < 4000; port += 2)
    odd.push_back({Protocol::Tcp, kVip, Port{port}});
  const auto code = service_filter(selection_of(odd));
  ASSERT_FALSE(code);
  EXPECT_NE(code.error().what.find("4096"), std::string::npos) << code.error().what;
}

}  // namespace
}  // namespace lvs::director
