// Any bytes as a frame of either family: every view, describe(), rewriting, the errors that we
// send, and cutting. Six bytes in front of the frame say how it is cut. Nothing is read or written
// outside of it, headers that were right stay right, and every row of pieces ends.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "net/wire/describe.h"
#include "net/wire/ethernet.h"
#include "net/wire/finish.h"
#include "net/wire/icmp_answerable.h"
#include "net/wire/icmp_error.h"
#include "net/wire/rewrite.h"
#include "net/wire/rewrite_icmp.h"
#include "net/wire/split.h"

namespace {

using namespace lvs;
using namespace lvs::wire;
using Bytes = std::vector<std::uint8_t>;

/// A broken promise: the fuzzer's way to say so.
void require(bool holds) {
  if (!holds) __builtin_trap();
}

template <typename Addr>
void check_error_about(const ConstIpView<Addr>& ip) {
  static_cast<void>(is_answerable(ip));
  Bytes error(icmp_error_length(ip));
  require(error.size() <= kLongestIcmpError<Addr>);
  for (const IcmpErrorKind kind :
       {IcmpErrorKind::PortUnreachable, IcmpErrorKind::TooBig, IcmpErrorKind::HopsExceeded}) {
    require(store_icmp_error(error, ip, Addr{}, {.kind = kind, .mtu = 1400}) == error.size());
    const auto written = ConstIpView<Addr>::parse(error);
    require(written && written->has_valid_checksum() && has_valid_icmp_checksum(*written));
  }
}

template <typename Addr>
void check_rewriting(Bytes packet, const Addr& to) {
  const auto ip = IpView<Addr>::parse(packet);
  if (!ip) return;
  const bool was_right = ip->has_valid_checksum();
  const Bytes before = packet;
  if (!rewrite(*ip, End::Source, {to, Port{80}}, ChecksumState::Finished))
    require(packet == before);
  static_cast<void>(rewrite(*ip, End::Destination, {to, Port{80}}, ChecksumState::Unfinished));
  static_cast<void>(rewrite_icmp_error(*ip, End::Source, Endpoint<Addr>{to, Port{80}}));
  require(!was_right || ip->has_valid_checksum());
  if (finish_transport(*ip) && ip->protocol() != Protocol::Sctp)
    require(transport_sum(*ip) == 0xffff);
}

template <typename Addr>
void check_packet(ConstBytes bytes) {
  const auto ip = ConstIpView<Addr>::parse(bytes);
  if (!ip) return;
  require(ip->header_length() + ip->payload().size() == ip->bytes().size());
  if (const auto transport = ConstTransportView::parse(*ip)) {
    require(transport->payload().size() <= ip->payload().size());
    static_cast<void>(transport->second_chunk_type());
  }
  check_error_about<Addr>(*ip);
  check_rewriting<Addr>(Bytes(bytes.begin(), bytes.end()), Addr{});
}

void check_cutting(ConstBytes frame, const SplitRequest& request) {
  auto splitter = FrameSplitter::begin(frame, request);
  if (!splitter) return;
  Bytes out(splitter->longest_piece());
  std::size_t pieces = 0;
  for (std::size_t length = splitter->next(out); length != 0; length = splitter->next(out)) {
    require(length <= out.size() && ++pieces <= 16 * frame.size());
    if (request.piece_length != 0) require(length <= request.piece_length + 18);
  }
  require(pieces != 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kControl = 6;
  if (size < kControl) return 0;
  const ConstBytes control(data, kControl);
  const Bytes copy(data + kControl, data + size);  // so that its ends are guarded
  require(!describe(copy).empty());
  const auto ethernet = ConstEthernetView::parse(ConstBytes{copy});
  if (!ethernet) return 0;
  const ConstBytes packet = ethernet->payload();
  check_packet<Ipv4Addr>(packet);
  check_packet<Ipv6Addr>(packet);
  const SplitRequest request{.outer_length = control[0] & 0x7fu,
                             .piece_length = load_be16(control, 1),
                             .segment_size = load_be16(control, 3),
                             .checksum_unfinished = (control[5] & 1) != 0};
  check_cutting(copy, request);
  Bytes finished = copy;
  static_cast<void>(finish_frame(finished, request.outer_length));
  return 0;
}
