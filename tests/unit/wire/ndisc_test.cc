#include "net/wire/ndisc.h"

#include <gtest/gtest.h>

#include <vector>

#include "net/wire/addr_text.h"
#include "tests/support/packet_literal.h"

namespace lvs::wire {
namespace {

using namespace test::literals;

constexpr MacAddr kMac{{0x02, 0x4c, 0x56, 0, 1, 0}};
constexpr Ipv6Addr kVip{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x99}};
constexpr Ipv6Addr kAsker{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01}};

ConstBytes packet_in(ConstBytes frame) { return frame.subspan(kEthernetHeader); }

/// An advertisement as Linux sent it, from the Ethernet header on.
constexpr auto kFromLinux =
    "33 33 00 00 00 01 02 4c 56 00 01 00 86 dd"
    "60 00 00 00 00 20 3a ff"
    "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 99"
    "ff 02 00 00 00 00 00 00 00 00 00 00 00 00 00 01"
    "88 00 a0 af 20 00 00 00"
    "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 99"
    "02 01 02 4c 56 00 01 00"_packet;

TEST(Ndisc, AnnouncesAsLinuxDoes) {
  EXPECT_EQ(make_neighbour_announcement(kMac, kVip), kFromLinux);
}

TEST(Ndisc, ReadsAnAdvertisement) {
  const auto view = ConstNdiscView::parse(packet_in(kFromLinux));
  ASSERT_TRUE(view);
  EXPECT_EQ(view->type(), NdiscType::Advertisement);
  EXPECT_EQ(view->target(), kVip);
  EXPECT_EQ(view->source(), kVip);
  EXPECT_EQ(view->destination(), kAllNodes);
  EXPECT_TRUE(view->overrides());
  EXPECT_FALSE(view->is_solicited());
  EXPECT_EQ(view->link_address(), kMac);
}

TEST(Ndisc, AsksTheGroupOfTheAddress) {
  const auto frame = make_solicitation(kMac, kAsker, kVip);
  EXPECT_EQ(load_mac(frame, 0), (MacAddr{{0x33, 0x33, 0xff, 0, 0, 0x99}}));
  const auto view = ConstNdiscView::parse(packet_in(frame));
  ASSERT_TRUE(view);
  EXPECT_EQ(view->type(), NdiscType::Solicitation);
  EXPECT_EQ(view->destination(), parse_ip("ff02::1:ff00:99")->v6());
  EXPECT_EQ(view->source(), kAsker);
  EXPECT_EQ(view->target(), kVip);
  EXPECT_EQ(view->link_address(), kMac);
}

TEST(Ndisc, AProbeClaimsNothing) {
  const auto frame = make_neighbour_probe(kMac, kVip);
  const auto view = ConstNdiscView::parse(packet_in(frame));
  ASSERT_TRUE(view);
  EXPECT_EQ(view->source(), Ipv6Addr{});
  EXPECT_EQ(view->link_address(), std::nullopt);
}

TEST(Ndisc, ToleratesEthernetPadding) {
  std::vector<std::uint8_t> padded(kFromLinux.begin(), kFromLinux.end());
  padded.resize(padded.size() + 6);
  EXPECT_TRUE(ConstNdiscView::parse(packet_in(padded)));
}

TEST(Ndisc, RefusesEveryShorterPacket) {
  const ConstBytes whole = packet_in(kFromLinux);
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(ConstNdiscView::parse(whole.first(length))) << length;
}

/// The announcement with one octet of its packet changed, and its checksum made right again.
std::vector<std::uint8_t> with_octet(std::size_t at, std::uint8_t value) {
  std::vector<std::uint8_t> frame(kFromLinux.begin(), kFromLinux.end());
  const MutableBytes packet = MutableBytes{frame}.subspan(kEthernetHeader);
  packet[at] = value;
  const MutableBytes message = packet.subspan(ndisc_field::kIpv6Header);
  store_be16(message, ndisc_field::kChecksum, 0);
  store_be16(message, ndisc_field::kChecksum, static_cast<std::uint16_t>(~ndisc_sum(packet)));
  return frame;
}

TEST(Ndisc, RefusesWhatAReceiverMustDiscard) {
  using namespace ndisc_field;
  constexpr std::size_t option_length = kIpv6Header + kMessage + 1;
  EXPECT_TRUE(ConstNdiscView::parse(packet_in(with_octet(kIpv6Header + kFlags, 0)))) << "control";
  EXPECT_FALSE(ConstNdiscView::parse(packet_in(with_octet(kHopLimit, 254))));
  EXPECT_FALSE(ConstNdiscView::parse(packet_in(with_octet(0, 0x40))));
  EXPECT_FALSE(ConstNdiscView::parse(packet_in(with_octet(kNextHeader, 17))));
  EXPECT_FALSE(ConstNdiscView::parse(packet_in(with_octet(kIpv6Header + kType, 134))));
  EXPECT_FALSE(ConstNdiscView::parse(packet_in(with_octet(kIpv6Header + kCode, 1))));
  EXPECT_FALSE(ConstNdiscView::parse(packet_in(with_octet(option_length, 0)))) << "endless";
  EXPECT_FALSE(ConstNdiscView::parse(packet_in(with_octet(option_length, 2)))) << "too long";
  std::vector<std::uint8_t> broken(kFromLinux.begin(), kFromLinux.end());
  broken.back() ^= 1;
  EXPECT_FALSE(ConstNdiscView::parse(packet_in(broken))) << "checksum";
}

}  // namespace
}  // namespace lvs::wire
