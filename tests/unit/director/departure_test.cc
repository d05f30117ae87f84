#include "director/io/departure.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "net/wire/bytes.h"
#include "net/wire/checksum.h"
#include "net/wire/ethernet.h"
#include "net/wire/sctp_checksum.h"
#include "tests/support/memory_carrier.h"

namespace lvs::director {
namespace {

using linux_net::VirtioHeader;

constexpr LinkIndex kEth0{2};
constexpr std::size_t kTransport = wire::kEthernetHeader + 20;
constexpr VirtioHeader kUnfinishedSctp{VirtioHeader::kNeedsChecksum, 0, 0, 0, kTransport, 8};
constexpr VirtioHeader kUnfinishedTcp{VirtioHeader::kNeedsChecksum, 0, 0, 0, kTransport, 16};

/// A frame in memory of its own, with room for its header in front.
class Departing {
 public:
  Departing(Protocol protocol, const VirtioHeader& header)
      : memory_(sizeof header + kTransport + 64) {
    const std::span frame = std::span(memory_).subspan(sizeof header);
    wire::store_ethernet(frame, {}, {}, wire::EtherType::Ipv4);
    const std::span ip = frame.subspan(wire::kEthernetHeader);
    ip[0] = 0x45;
    wire::store_be16(ip, 2, static_cast<std::uint16_t>(ip.size()));
    ip[8] = 64;
    ip[9] = static_cast<std::uint8_t>(protocol);
    wire::store_be16(ip, 10, wire::checksum_of(ip.first(20)));
    for (std::size_t i = 20; i < ip.size(); ++i) ip[i] = static_cast<std::uint8_t>(i);
    frame_.offload = header;
    frame_.frame.bytes = frame;
    frame_.frame.offload = offload_of(header);
  }
  CarrierFrame& frame() { return frame_; }

 private:
  std::vector<std::uint8_t> memory_;
  CarrierFrame frame_;
};

VirtioHeader header_of(std::span<const std::uint8_t> with_header) {
  VirtioHeader header;
  std::memcpy(&header, with_header.data(), sizeof header);
  return header;
}
std::span<const std::uint8_t> transport_of(std::span<const std::uint8_t> with_header) {
  return with_header.subspan(sizeof(VirtioHeader) + kTransport);
}

std::vector<std::uint8_t> departed(CarrierFrame& frame) {
  MemoryCarrier carrier;
  Outbox outbox(carrier);
  bool lost = false;
  EXPECT_TRUE(depart(frame, {}, {kEth0, &lost}, outbox));
  outbox.flush();
  return carrier.sent.at(0).with_header;
}

TEST(Departure, AnUnfinishedCrcOfSctpIsFinished) {
  Departing sctp(Protocol::Sctp, kUnfinishedSctp);
  const std::vector<std::uint8_t> sent = departed(sctp.frame());
  EXPECT_EQ(header_of(sent), VirtioHeader{});
  EXPECT_TRUE(wire::has_valid_sctp_checksum(transport_of(sent)));
}

TEST(Departure, AFinishedCrcOfSctpStaysAsItCame) {
  Departing sctp(Protocol::Sctp, {});
  const std::vector<std::uint8_t> before(sctp.frame().frame.bytes.begin(),
                                         sctp.frame().frame.bytes.end());
  const std::vector<std::uint8_t> sent = departed(sctp.frame());
  EXPECT_TRUE(std::ranges::equal(std::span(sent).subspan(sizeof(VirtioHeader)), before))
      << "wrong as it may be";
}

TEST(Departure, ChecksumsThatACardCanFinishAreLeftToIt) {
  Departing tcp(Protocol::Tcp, kUnfinishedTcp);
  const std::vector<std::uint8_t> before(tcp.frame().frame.bytes.begin(),
                                         tcp.frame().frame.bytes.end());
  const std::vector<std::uint8_t> sent = departed(tcp.frame());
  EXPECT_EQ(header_of(sent), kUnfinishedTcp);
  EXPECT_TRUE(std::ranges::equal(std::span(sent).subspan(sizeof(VirtioHeader)), before));
}

TEST(Departure, WhatIsGivenBackIsFinishedToo) {
  Departing sctp(Protocol::Sctp, kUnfinishedSctp);
  const std::span<std::uint8_t> given_back = with_offload(sctp.frame());
  EXPECT_EQ(header_of(given_back), VirtioHeader{});
  EXPECT_TRUE(wire::has_valid_sctp_checksum(transport_of(given_back)));
}

}  // namespace
}  // namespace lvs::director
