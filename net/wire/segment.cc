#include "net/wire/segment.h"

#include <array>

#include "net/wire/checksum.h"
#include "net/wire/crc32c.h"
#include "net/wire/ip.h"
#include "net/wire/rewrite.h"
#include "net/wire/transport.h"

namespace lvs::wire {
namespace {

template <AnyIpView Ip>
PacketShape shape_over(const Ip& ip) {
  PacketShape shape{.bytes = ip.bytes(),
                    .family = Ip::kFamily,
                    .protocol = ip.protocol(),
                    .transport = ip.header_length(),
                    .payload = ip.header_length()};
  if (ip.is_fragment()) return shape;
  const auto transport = ConstTransportView::parse(ip);
  if (!transport) return shape;
  shape.payload += transport->header_length();
  shape.has_transport = true;
  return shape;
}

void make_tcp_segment(MutableBytes tcp, const Segment& segment) {
  using namespace transport_field;
  const auto forward = static_cast<std::uint32_t>(segment.offset);
  store_be32(tcp, kTcpSequence, load_be32(tcp, kTcpSequence) + forward);
  unsigned flags = tcp[kTcpFlags];
  if (segment.index != 0) flags &= ~unsigned{tcp_flag::kCwr};
  if (!segment.is_last) flags &= ~unsigned{tcp_flag::kFin | tcp_flag::kPsh};
  tcp[kTcpFlags] = static_cast<std::uint8_t>(flags);
}

void make_ipv4_segment(MutableBytes header, std::size_t length, std::uint32_t index) {
  using namespace ipv4_field;
  store_be16(header, kTotalLength, static_cast<std::uint16_t>(length));
  store_be16(header, kId, static_cast<std::uint16_t>(load_be16(header, kId) + index));
  store_be16(header, kChecksum, 0);
  store_be16(header, kChecksum, checksum_of(header));
}

void finish_sctp(MutableBytes sctp, ConstBytes payload) {
  using namespace transport_field;
  constexpr std::array<std::uint8_t, 4> zeros{};
  std::uint32_t crc = crc32c(zeros, crc32c(sctp.first(kSctpChecksum)));
  crc = crc32c(payload, crc32c(sctp.subspan(kSctpHeader), crc));
  store_le32(sctp, kSctpChecksum, crc);
}

}  // namespace

std::optional<PacketShape> shape_of(ConstBytes packet) {
  if (const auto v4 = ConstIpv4View::parse(packet)) return shape_over(*v4);
  if (const auto v6 = ConstIpv6View::parse(packet)) return shape_over(*v6);
  return std::nullopt;
}

void make_segment_headers(MutableBytes headers, const PacketShape& shape, const Segment& segment) {
  const std::size_t length = headers.size() + segment.payload.size();
  if (shape.family == Family::Ipv4) {
    make_ipv4_segment(headers.first(shape.transport), length, segment.index);
  } else {
    store_be16(headers, ipv6_field::kPayloadLength,
               static_cast<std::uint16_t>(length - ipv6_field::kHeader));
  }
  const MutableBytes transport = headers.subspan(shape.transport);
  if (shape.protocol == Protocol::Tcp) make_tcp_segment(transport, segment);
  if (shape.protocol == Protocol::Udp)
    store_be16(transport, transport_field::kUdpLength,
               static_cast<std::uint16_t>(length - shape.transport));
}

void finish_segment(MutableBytes headers, const PacketShape& shape, ConstBytes payload) {
  const MutableBytes transport = headers.subspan(shape.transport);
  if (shape.protocol == Protocol::Sctp) {
    finish_sctp(transport, payload);
    return;
  }
  const ConstBytes addresses = shape.family == Family::Ipv4
                                   ? headers.subspan(ipv4_field::kSource, 8)
                                   : headers.subspan(ipv6_field::kSource, 32);
  const std::size_t field = detail::checksum_field(shape.protocol);
  store_be16(transport, field, 0);
  std::uint64_t sum = add_words(addresses) + static_cast<std::uint8_t>(shape.protocol);
  sum = add_words(transport, sum + transport.size() + payload.size());
  const auto checksum = static_cast<std::uint16_t>(~fold(add_words(payload, sum)));
  const bool is_none = shape.protocol == Protocol::Udp && checksum == 0;
  store_be16(transport, field, is_none ? std::uint16_t{0xffff} : checksum);
}

}  // namespace lvs::wire
