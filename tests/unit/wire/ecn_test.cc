#include "net/wire/ecn.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/support/packet_literal.h"

namespace lvs::wire {
namespace {

using test::operator""_packet;
using enum Ecn;

constexpr std::array kAll{NotCapable, Capable0, Capable1, Congested};

/// RFC 6040, section 4.2, figure 4: a row an inner field, a column an outer one, in the order of
/// kAll.
constexpr std::array<std::array<std::optional<Ecn>, 4>, 4> kFigure4{{
    {NotCapable, NotCapable, NotCapable, std::nullopt},
    {Capable0, Capable0, Capable1, Congested},
    {Capable1, Capable1, Capable1, Congested},
    {Congested, Congested, Congested, Congested},
}};

TEST(Ecn, ATunnelsEndFollowsRfc6040) {
  for (std::size_t inner = 0; inner < kAll.size(); ++inner)
    for (std::size_t outer = 0; outer < kAll.size(); ++outer)
      EXPECT_EQ(ecn_out_of_tunnel(kAll[outer], kAll[inner]), kFigure4[inner][outer])
          << "inner " << inner << ", outer " << outer;
}

TEST(Ecn, IsReadBesideTheServiceClass) {
  EXPECT_EQ(ecn_of("45 b9"_packet, Family::Ipv4), Capable1);
  EXPECT_EQ(ecn_of("45 ba"_packet, Family::Ipv4), Capable0);
  EXPECT_EQ(ecn_of("6b 9f"_packet, Family::Ipv6), Capable1);
  EXPECT_EQ(ecn_of("6b bf"_packet, Family::Ipv6), Congested);
}

TEST(Ecn, SettingItKeepsTheRestAndTheChecksum) {
  for (const Ecn from : kAll) {
    for (const Ecn to : kAll) {
      std::array<std::uint8_t, 20> packet{};
      store_ipv4(packet, {.source = Ipv4Addr(10, 0, 0, 1),
                          .destination = Ipv4Addr(10, 0, 0, 2),
                          .protocol = Protocol::Tcp,
                          .tos = static_cast<std::uint8_t>(0xb8u | static_cast<unsigned>(from))});
      set_ecn(packet, Family::Ipv4, to);
      EXPECT_EQ(packet[1], 0xb8u | static_cast<unsigned>(to));
      EXPECT_TRUE(ConstIpv4View::parse(packet)->has_valid_checksum());
    }
  }
}

TEST(Ecn, OfIpv6StandsInTheSecondByte) {
  auto packet = "6b 8f 12 34 00 00 3b 40 20 01 0d b8"_packet;
  set_ecn(packet, Family::Ipv6, Congested);
  EXPECT_EQ(packet, "6b bf 12 34 00 00 3b 40 20 01 0d b8"_packet);
}

}  // namespace
}  // namespace lvs::wire
