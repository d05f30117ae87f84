#include "net/wire/split.h"

#include <algorithm>

#include "net/wire/ethernet.h"
#include "net/wire/ipv4.h"
#include "net/wire/outer_header.h"
#include "net/wire/transport.h"

namespace lvs::wire {
namespace {

bool may_be_fragmented(ConstBytes ip) {
  using namespace ipv4_field;
  return ip.size() >= kMinHeader && ip[kVersion] >> 4 == 4 &&
         (load_be16(ip, kFragment) & kDontFragment) == 0;
}

std::size_t ipv4_header_length(ConstBytes ip) { return std::size_t{4} * (ip[0] & 0x0fu); }

/// Copies to the front of `out`; the rest of it.
MutableBytes put(MutableBytes out, ConstBytes bytes) {
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out.subspan(bytes.size());
}

/// True when these bytes begin with an outer IP header that is there whole.
bool is_outer(ConstBytes outer) {
  if (outer.size() < ipv4_field::kMinHeader) return false;
  if (outer[0] >> 4 == 6) return outer.size() >= ipv6_field::kHeader;
  return outer[0] >> 4 == 4 && ipv4_header_length(outer) >= ipv4_field::kMinHeader &&
         ipv4_header_length(outer) <= outer.size();
}

}  // namespace

std::optional<FrameSplitter> FrameSplitter::begin(ConstBytes frame, const SplitRequest& request) {
  const auto ethernet = ConstEthernetView::parse(frame);
  if (!ethernet || ethernet->payload().size() < request.outer_length) return std::nullopt;
  const ConstBytes outer = ethernet->payload().first(request.outer_length);
  if (!outer.empty() && !is_outer(outer)) return std::nullopt;
  const std::optional<PacketShape> inner =
      shape_of(ethernet->payload().subspan(request.outer_length));
  if (!inner) return std::nullopt;
  const FrameSplitter splitter(frame.first(ethernet->header_length()), outer, *inner, request);
  return splitter.can_be_done() ? std::optional(splitter) : std::nullopt;
}

FrameSplitter::FrameSplitter(ConstBytes ethernet, ConstBytes outer, const PacketShape& inner,
                             const SplitRequest& request)
    : ethernet_(ethernet), outer_(outer), inner_(inner), request_(request) {
  cut_ = choose_cut();
}

FrameSplitter::Cut FrameSplitter::choose_cut() const {
  if (request_.piece_length == 0 || longest_segment() <= request_.piece_length) return Cut::None;
  return may_be_fragmented(inner_.bytes) ? Cut::Inner : Cut::Outer;
}

bool FrameSplitter::can_be_done() const {
  if (outer_.size() + inner_.payload > kMostHeaders) return false;
  if (request_.segment_size != 0 && !inner_.is_segmentable()) return false;
  if (request_.checksum_unfinished && !inner_.has_transport) return false;
  if (cut_ == Cut::None) return true;
  if (cut_ == Cut::Inner) return most_data(outer_.size() + ipv4_header_length(inner_.bytes)) != 0;
  return may_be_fragmented(outer_) && most_data(ipv4_header_length(outer_)) != 0;
}

std::size_t FrameSplitter::longest_segment() const {
  const std::size_t payload = inner_.bytes.size() - inner_.payload;
  const std::size_t longest =
      request_.segment_size == 0 ? payload : std::min<std::size_t>(payload, request_.segment_size);
  return outer_.size() + inner_.payload + longest;
}

std::size_t FrameSplitter::longest_piece() const {
  return ethernet_.size() + (cut_ == Cut::None ? longest_segment() : request_.piece_length);
}

/// Of a fragment that is not the last, behind `header` bytes: a multiple of eight.
std::size_t FrameSplitter::most_data(std::size_t header) const {
  return request_.piece_length < header ? 0 : (request_.piece_length - header) / 8 * 8;
}

std::size_t FrameSplitter::next(MutableBytes out) {
  if (out.size() < longest_piece()) return 0;
  if (!has_segment_) {
    if (segments_ != 0 && inner_.payload + done_ == inner_.bytes.size()) return 0;
    begin_segment();
  }
  if (cut_ == Cut::None || headers_length_ + segment_.payload.size() <= request_.piece_length)
    return write_whole(out);
  return write_fragment(out);
}

void FrameSplitter::begin_segment() {
  const ConstBytes left = inner_.bytes.subspan(inner_.payload + done_);
  const std::size_t most = request_.segment_size == 0 ? left.size() : request_.segment_size;
  segment_ = {.index = segments_++,
              .offset = done_,
              .payload = left.first(std::min(most, left.size())),
              .is_last = left.size() <= most};
  done_ += segment_.payload.size();
  has_segment_ = true;
  headers_length_ = outer_.size() + inner_.payload;
  const MutableBytes headers = MutableBytes{headers_}.first(headers_length_);
  const MutableBytes own = put(headers, outer_);
  put(own, inner_.bytes.first(inner_.payload));
  const bool is_part = segment_.index != 0 || !segment_.is_last;
  if (is_part) make_segment_headers(own, inner_, segment_);
  if (request_.checksum_unfinished || (is_part && has_checksum(own)))
    finish_segment(own, inner_, segment_.payload);
  begin_fragments();
}

/// Of a TCP or UDP packet: false for UDP without one.
bool FrameSplitter::has_checksum(ConstBytes headers) const {
  return inner_.protocol != Protocol::Udp ||
         load_be16(headers, inner_.transport + transport_field::kUdpChecksum) != 0;
}

void FrameSplitter::begin_fragments() {
  fragment_done_ = 0;
  const MutableBytes headers = MutableBytes{headers_}.first(headers_length_);
  const bool is_whole =
      cut_ != Cut::Inner || headers_length_ + segment_.payload.size() <= request_.piece_length;
  if (is_whole && !outer_.empty()) {
    number_outer(headers);
    finish_outer(headers, segment_.payload);
  }
  if (cut_ == Cut::None) return;
  const ConstBytes ip = headers.subspan(cut_ == Cut::Inner ? outer_.size() : 0);
  later_ = later_fragment_header(ip.first(ipv4_header_length(ip)));
}

/// Outer packets count their ids up from that of the frame.
void FrameSplitter::number_outer(MutableBytes outer) {
  if (outer[0] >> 4 != 4) return;
  const auto id = static_cast<std::uint16_t>(load_be16(outer_, ipv4_field::kId) + outers_++);
  store_be16(outer, ipv4_field::kId, id);
}

std::size_t FrameSplitter::write_whole(MutableBytes out) {
  const MutableBytes rest = put(put(out, ethernet_), ConstBytes{headers_}.first(headers_length_));
  put(rest, segment_.payload);
  has_segment_ = false;
  return ethernet_.size() + headers_length_ + segment_.payload.size();
}

/// A fragment of the segment: the outer headers in front where it is the inner packet that is cut,
/// the IP header, and the next of what that header stands in front of.
std::size_t FrameSplitter::write_fragment(MutableBytes out) {
  const std::size_t front = cut_ == Cut::Inner ? outer_.size() : 0;
  const ConstBytes headers = ConstBytes{headers_}.first(headers_length_);
  const ConstBytes ip = headers.subspan(front);
  const ConstBytes first_header = ip.first(ipv4_header_length(ip));
  const ConstBytes header = fragment_done_ == 0 ? first_header : later_.view();
  const std::size_t all = ip.size() - first_header.size() + segment_.payload.size();
  const std::size_t left = all - fragment_done_;
  const bool is_last = front + header.size() + left <= request_.piece_length;
  const std::size_t length = is_last ? left : most_data(front + header.size());

  const MutableBytes packet = put(out, ethernet_).first(front + header.size() + length);
  const MutableBytes own = put(packet, headers.first(front));
  const MutableBytes data = put(own, header);
  make_fragment_header(own.first(header.size()), fragment_done_, length, is_last);
  copy_data(data);
  if (front != 0) {
    number_outer(packet);
    finish_outer(packet);
  }
  fragment_done_ += length;
  has_segment_ = !is_last;
  return ethernet_.size() + packet.size();
}

/// Fills `out` with what stands behind the IP header that is cut, from fragment_done_ on: the rest
/// of headers_ and then the payload.
void FrameSplitter::copy_data(MutableBytes out) const {
  const std::size_t front = cut_ == Cut::Inner ? outer_.size() : 0;
  const ConstBytes ip = ConstBytes{headers_}.first(headers_length_).subspan(front);
  const ConstBytes start = ip.subspan(ipv4_header_length(ip));
  if (fragment_done_ < start.size()) {
    const ConstBytes part = start.subspan(fragment_done_);
    const std::size_t length = std::min(part.size(), out.size());
    const MutableBytes rest = put(out, part.first(length));
    put(rest, segment_.payload.first(rest.size()));
    return;
  }
  put(out, segment_.payload.subspan(fragment_done_ - start.size(), out.size()));
}

}  // namespace lvs::wire
