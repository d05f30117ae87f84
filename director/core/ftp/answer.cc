#include "director/core/ftp/answer.h"

#include "director/core/ftp/segment.h"
#include "director/core/ftp/text.h"
#include "director/core/transmit.h"

namespace lvs::director {
namespace {

/// An announcement in a segment.
struct News {
  FtpAnnouncement said{};
  std::uint32_t sequence = 0;  ///< of the bytes that say it
  bool is_unsent = false;      ///< all of these are in this segment
};

std::optional<News> news_of(const FtpReader::Line& line) {
  const auto said = parse_ftp_answer(line.text);
  if (!said) return std::nullopt;
  const bool is_said = line.is_over || said->certain_at <= line.text.size();
  const bool was_said = said->certain_at <= line.came_before;
  if (!is_said || was_said) return std::nullopt;
  return News{*said, line.sequence + static_cast<std::uint32_t>(said->begin),
              said->begin >= line.came_before};
}

/// Reads all that is new. A server answers one command after the other, so that one segment
/// announces at most once; of more than that only the first counts.
std::optional<News> read_news(FtpReader& reader, std::uint32_t first, std::string_view payload,
                              FtpCounters& counters) {
  std::optional<News> found;
  while (const auto line = reader.next(first, payload)) {
    const auto news = news_of(*line);
    if (!news) continue;
    if (found) {
      ++counters.not_rewritten;
    } else {
      found = news;
    }
  }
  return found;
}

/// That of the server itself; some are told to name the VIP already.
template <typename Addr>
bool is_own(const std::optional<IpAddr>& address, const Connection<Addr>& connection) {
  return !address || *address == IpAddr{connection.server_address} ||
         *address == IpAddr{connection.vip};
}

/// What the client is told; nullopt: that is what the server says.
template <typename Addr>
std::optional<FtpText> text_for_client(const FtpAnnouncement& said, const Addr& vip, Port port) {
  const bool is_right = port == said.port && (!said.address || *said.address == IpAddr{vip});
  if (is_right) return std::nullopt;
  if constexpr (FamilyTraits<Addr>::kFamily == Family::Ipv4)
    if (said.address) return write_ftp_endpoint(vip, port);
  return write_ftp_port(port);
}

/// By how much the segment becomes longer on the way through its edits, at most.
std::size_t growth_of(const FtpStream& stream, std::uint32_t first, std::size_t length) {
  std::size_t growth = 0;
  for (std::size_t i = 0; i < FtpStream::kMostEdits; ++i) {
    const auto replacement = stream.replacement(i, first, length);
    if (replacement && replacement->inserted.size() > replacement->removed)
      growth += replacement->inserted.size() - replacement->removed;
  }
  return growth;
}

/// A segment, and the way that it will go.
template <typename Addr>
struct Segment {
  const Packet<Addr>& packet;
  const Frame& frame;
  std::uint32_t first = 0;
  NextHopId way{};
};

/// Whether a segment can be as long as its edits make it. A server whose segments fill the way is
/// told of a narrower one, and sends them again in smaller pieces.
template <typename Addr>
std::optional<Step> check_growth(const FtpControl<Addr>& control, const Segment<Addr>& segment,
                                 const FtpStream& stream) {
  const Packet<Addr>& packet = segment.packet;
  const std::size_t growth = growth_of(stream, segment.first, packet.transport.payload().size());
  if (growth == 0) return std::nullopt;
  if (!has_room(packet, segment.frame, growth)) return detail::drop(DropReason::TooBig);
  const NextHopRecord* const hop = control.tables.next_hop(segment.way);
  const bool is_cut_later = packet.offload.segment_size != 0 || detail::may_be_cut(packet.ip);
  if (hop == nullptr || is_cut_later || packet.ip.bytes().size() + growth <= hop->mtu)
    return std::nullopt;
  return Step{.next = Next::TooBig,
              .mtu = static_cast<std::uint16_t>(hop->mtu - growth),
              .told_from = control.connection.next_hop};
}

/// A step: the segment cannot go, and nothing was changed.
template <typename Addr>
std::optional<Step> announce(const FtpControl<Addr>& control, const Segment<Addr>& segment,
                             const News& news) {
  FtpCounters& counters = control.tables.ftp.counters;
  if (!is_own(news.said.address, control.connection)) {
    ++counters.foreign;
    return std::nullopt;
  }
  forget_expected(control);
  const auto port = choose_data_port(control, news.said.port);
  if (!port) {
    ++counters.data_refused;
    return std::nullopt;
  }
  FtpStream edited = control.session.stream;
  const auto text = text_for_client(news.said, control.connection.vip, *port);
  if (text) {
    if (!news.is_unsent) {
      ++counters.not_rewritten;
      return std::nullopt;
    }
    edited.edit(news.sequence, news.said.length, *text);
    if (const auto refusal = check_growth(control, segment, edited)) return refusal;
  }
  if (!expect_client(control, {*port, news.said.port})) {
    ++counters.data_refused;
    return std::nullopt;
  }
  ++counters.data_expected;
  if (text) ++counters.rewritten;
  control.session.stream = edited;
  return std::nullopt;
}

template <typename Addr>
std::optional<Step> read_answers(const FtpControl<Addr>& control, const Segment<Addr>& segment) {
  FtpReader answers = control.session.answers;
  const auto news =
      read_news(answers, segment.first, text_of(segment.packet), control.tables.ftp.counters);
  if (news)
    if (const auto refusal = announce(control, segment, *news)) return refusal;
  control.session.answers = answers;
  return check_growth(control, segment, control.session.stream);
}

/// True: the payload is another.
template <typename Addr>
bool replace_all(const FtpStream& stream, const Packet<Addr>& packet, Frame& frame,
                 std::uint32_t first) {
  const std::size_t length = packet.transport.payload().size();
  bool is_changed = false;
  for (std::size_t i = FtpStream::kMostEdits; i-- > 0;) {
    const auto replacement = stream.replacement(i, first, length);
    if (!replacement) continue;
    replace_payload(reread<Addr>(frame), frame, *replacement);
    is_changed = true;
  }
  return is_changed;
}

/// True where an edit reaches into a first fragment, whose other bytes are elsewhere.
template <typename Addr>
bool is_edited_fragment(const FtpStream& stream, const Packet<Addr>& packet, std::uint32_t first) {
  if (!packet.ip.is_fragment()) return false;
  for (std::size_t i = 0; i < FtpStream::kMostEdits; ++i)
    if (stream.replacement(i, first, packet.transport.payload().size())) return true;
  return false;
}

}  // namespace

template <typename Addr>
std::optional<Step> translate_answer(const FtpControl<Addr>& control, const Packet<Addr>& packet,
                                     Frame& frame, std::uint32_t first, NextHopId way) {
  FtpSession& session = control.session;
  if (is_edited_fragment(session.stream, packet, first)) return detail::drop(DropReason::Fragment);
  if (!packet.ip.is_fragment())
    if (const auto refusal = read_answers(control, Segment<Addr>{packet, frame, first, way}))
      return refusal;

  const std::uint32_t number = packet.transport.sequence();
  const bool is_changed = replace_all(session.stream, packet, frame, first);
  const Packet<Addr> changed = reread<Addr>(frame);
  if (is_changed) restore_checksum(changed);
  // A SYN stands before all that is edited.
  const std::uint32_t of_client = number + (session.stream.to_client(first) - first);
  if (of_client != number) set_sequence(changed, of_client);
  return std::nullopt;
}

template std::optional<Step> translate_answer(const FtpControl<Ipv4Addr>&, const Packet<Ipv4Addr>&,
                                              Frame&, std::uint32_t, NextHopId);
template std::optional<Step> translate_answer(const FtpControl<Ipv6Addr>&, const Packet<Ipv6Addr>&,
                                              Frame&, std::uint32_t, NextHopId);

}  // namespace lvs::director
