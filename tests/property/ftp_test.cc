#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/draw.h"
#include "tests/support/ftp_bench.h"

// FTP through Masq against a plain model: a control connection whose ends send lines in segments
// that are cut anywhere, lost, sent again with other cuts, and acknowledged. What each end's TCP
// puts together must be what the model says, no byte may come in two forms, and no acknowledgement
// may be of bytes that did not arrive.

namespace lvs::director {
namespace {

using test::Draw;
using test::FtpBench;
using namespace wire::tcp_flag;

/// A line as it was written, so that nobody has to understand it.
struct Line {
  std::string text;
  std::size_t begin = 0;   ///< of the bytes that announce something
  std::size_t length = 0;  ///< 0: none do
  std::string told{};      ///< what the client is told in their place
  bool is_own = true;      ///< else it is another host's
};

Line announce(std::string before, std::string said, std::string behind, std::string told) {
  Line line{before + said + behind + "\r\n", before.size(), said.size(), std::move(told)};
  return line;
}
Line foreign(Line line) {
  line.told = line.text.substr(line.begin, line.length);
  line.is_own = false;
  return line;
}

/// Ports 9999 and 65535 are services of the VIP.
Line draw_answer(Draw& draw, bool is_v4) {
  switch (draw.below(9)) {
    case 0:
      return announce("229 Entering (|||", "40000", "|)", "40000");
    case 1:
      return announce("229 (!!!", "9999", "!)", "10000");
    case 2:
      return announce("229 Passive mode (|||", "65535", "|).", "1024");
    case 3:
      return foreign(announce("227 Entering Passive Mode (", "10,0,0,12,156,64", ").", ""));
    case 4:
    case 5:
      if (is_v4)
        return announce("227 Entering Passive Mode (", "10,0,0,11,39,15", ").",
                        "203,0,113,10,39,16");
      return announce("229 Extended (|||", "512", "|) or so", "1024");
    case 6:
      return {"230-227 (10,0,0,11,4,5) is no answer\r\n"};
    case 7:
      return {std::string(draw.below(200), '.') + "\n"};
    default:
      return {"226 Transfer complete.\r\n"};
  }
}

Line draw_command(Draw& draw, bool is_v4) {
  const std::string port = std::to_string(2000 + draw.below(60000));
  switch (draw.below(5)) {
    case 0:
      return announce(
          "", is_v4 ? "EPRT |1|192.0.2.1|" + port + "|" : "EPRT |2|2001:db8:1::5|" + port + "|", "",
          "");
    case 1:
      return is_v4 ? announce("", "PORT 192,0,2,1,7,8", "", "")
                   : foreign(announce("", "PORT 192,0,2,1,7,8", "", ""));
    case 2:
      return foreign(announce("", "EPRT |1|192.0.2.9|" + port + "|", "", ""));
    case 3:
      return {"RETR PORT 192,0,2,1,7,8\r\n"};
    default:
      return {"PASV\r\n"};
  }
}

template <typename Draws>
std::vector<Line> draw_lines(Draw& draw, const Draws& draw_line, bool is_v4) {
  std::vector<Line> lines;
  for (std::uint32_t left = 1 + draw.below(12); left > 0; --left)
    lines.push_back(draw_line(draw, is_v4));
  return lines;
}
std::string joined(const std::vector<Line>& lines) {
  std::string all;
  for (const Line& line : lines) all += line.text;
  return all;
}

/// What became of the server's lines, given where each of its segments that brought anything new
/// ended.
struct Told {
  struct Piece {
    std::size_t length = 0;  ///< of what the server sent
    std::string text;
  };
  std::vector<Piece> pieces;
  FtpCounters counters;

  std::string text() const {
    std::string all;
    for (const Piece& piece : pieces) all += piece.text;
    return all;
  }
  /// Of what the client must have for so many bytes of the server.
  std::size_t length_of(std::size_t sent) const {
    std::size_t length = 0;
    for (const Piece& piece : pieces) {
      if (sent >= piece.length) {
        length += piece.text.size();
        sent -= piece.length;
      } else {
        return length + std::min(sent, piece.text.size());
      }
    }
    return length;
  }
};

Told tell(const std::vector<Line>& lines, const std::vector<std::size_t>& ends) {
  Told told;
  std::size_t at = 0;
  std::size_t last_news = 0;  // the end of the segment that the last news came in
  for (const Line& line : lines) {
    const std::size_t begin = at + line.begin;
    const std::size_t end = begin + line.length;
    const std::string said = line.text.substr(line.begin, line.length);
    // With the byte behind the numbers of 227, or the two that must follow those of 229.
    const std::size_t certain = end + (line.text.starts_with("227") ? 1 : 2);
    const auto said_in = std::ranges::lower_bound(ends, certain);
    std::string becomes = said;
    if (line.length != 0 && said_in != ends.end()) {
      const std::size_t fresh = said_in == ends.begin() ? 0 : *(said_in - 1);
      const bool is_first = *said_in != last_news;
      const bool is_unsent = begin >= fresh;
      last_news = *said_in;
      if (!is_first || (line.is_own && line.told != said && !is_unsent)) {
        ++told.counters.not_rewritten;
      } else if (!line.is_own) {
        ++told.counters.foreign;
      } else {
        becomes = line.told;
        ++told.counters.data_expected;
        if (becomes != said) ++told.counters.rewritten;
      }
    }
    told.pieces.push_back({line.begin, line.text.substr(0, line.begin)});
    told.pieces.push_back({line.length, becomes});
    const std::string rest = line.text.substr(line.begin + line.length);
    told.pieces.push_back({rest.size(), rest});
    at += line.text.size();
  }
  return told;
}

/// What a TCP has put together of what came.
struct Receiver {
  std::uint32_t first = 0;
  std::string bytes;
  std::vector<bool> has;
  std::size_t next = 0;  ///< all before has come

  void take(std::uint32_t sequence, const std::string& text) {
    const std::size_t at = sequence - first;
    ASSERT_LT(at, 100000u) << "a number from nowhere";
    if (at + text.size() > bytes.size()) {
      bytes.resize(at + text.size());
      has.resize(bytes.size());
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
      ASSERT_TRUE(!has[at + i] || bytes[at + i] == text[i]) << "byte " << at + i << " changed";
      bytes[at + i] = text[i];
      has[at + i] = true;
    }
    while (next < has.size() && has[next]) ++next;
  }
};

struct Sender {
  std::string text;
  std::size_t sent = 0;
  std::size_t acknowledged = 0;
  std::vector<std::size_t> ends{};  ///< of what was sent for the first time
};

template <typename Addr>
class Conversation {
 public:
  static constexpr bool kIsV4 = std::is_same_v<Addr, Ipv4Addr>;

  explicit Conversation(std::uint32_t seed) : draw_(seed) {
    for (const Port port : {Port{9999}, Port{65535}})
      bench_.engine.add_service(test::service_of<Addr>(Protocol::Tcp, port)).value();
    bench_.client_first = at_server_.first = 0u - draw_.below(400);
    bench_.server_first = at_client_.first = 0u - draw_.below(400);
    server_.text = joined(answers_);
    client_.text = joined(commands_);
    bench_.connect();
  }

  void run() {
    for (int steps = 0; steps < 20000 && !is_over() && !::testing::Test::HasFailure(); ++steps)
      step();
    EXPECT_TRUE(is_over()) << "stuck";
    const Told told = tell(answers_, server_.ends);
    EXPECT_EQ(at_client_.bytes, told.text());
    EXPECT_EQ(at_server_.bytes, client_.text);
    expect_counted(told.counters);
    EXPECT_TRUE(bench_.engine.counters().conserved());
  }

 private:
  bool is_over() const {
    return server_.acknowledged == server_.text.size() &&
           client_.acknowledged == client_.text.size();
  }
  void step() {
    switch (draw_.below(5)) {
      case 0:
      case 1:
        return send_to_client();
      case 2:
        return send_to_server();
      default:
        return acknowledge();
    }
  }
  /// New bytes, or some again, perhaps with new ones behind them.
  std::pair<std::size_t, std::size_t> cut(const Sender& sender) {
    const auto pending = static_cast<std::uint32_t>(sender.sent - sender.acknowledged);
    const std::size_t begin = draw_.one_in(3) || sender.sent == sender.text.size()
                                  ? sender.acknowledged + draw_.below(pending + 1)
                                  : sender.sent;
    std::size_t end = begin + draw_.below(draw_.one_in(4) ? 12 : 120);
    if (draw_.one_in(2)) end = sender.text.find('\n', begin) + 1;  // npos + 1: nothing
    return {begin, std::clamp(end, begin, most_to_send(sender))};
  }
  /// FTP answers one command after the other; here up to four answers are under way at once.
  static std::size_t most_to_send(const Sender& sender) {
    std::size_t most = sender.acknowledged;
    for (int line = 0; line < 4 && most < sender.text.size(); ++line)
      most = sender.text.find('\n', most) + 1;
    return std::max(most, sender.sent);
  }
  static void note_sent(Sender& sender, std::size_t end) {
    if (end <= sender.sent) return;
    sender.sent = end;
    sender.ends.push_back(end);
  }
  void send_to_client() {
    const auto [begin, end] = cut(server_);
    bench_.packet = test::make_segment(bench_.from_server(
        {.sequence = at_client_.first + static_cast<std::uint32_t>(begin),
         .acknowledgement = at_server_.first + static_cast<std::uint32_t>(at_server_.next),
         .flags = kAck | kPsh,
         .text = server_.text.substr(begin, end - begin)}));
    const auto seen =
        bench_.pass_made({.segment_size = static_cast<std::uint16_t>(draw_.one_in(3) ? 100 : 0)});
    ASSERT_TRUE(seen);
    note_sent(server_, end);
    ASSERT_TRUE(seen->has_right_checksums);
    ASSERT_EQ(seen->acknowledgement - at_server_.first, at_server_.next);
    if (!draw_.one_in(4)) at_client_.take(seen->sequence, seen->text);
  }
  void send_to_server() {
    const auto [begin, end] = cut(client_);
    note_sent(client_, end);
    pass_to_server({.sequence = at_server_.first + static_cast<std::uint32_t>(begin),
                    .acknowledgement = acknowledgement(),
                    .flags = kAck | kPsh,
                    .text = client_.text.substr(begin, end - begin)});
  }
  void acknowledge() {
    pass_to_server({.sequence = at_server_.first + static_cast<std::uint32_t>(client_.sent),
                    .acknowledgement = acknowledgement()});
    if (!draw_.one_in(4)) client_.acknowledged = at_server_.next;
  }
  /// Of all that has come, or of less: an old one, or a receiver that takes a part.
  std::uint32_t acknowledgement() {
    const std::size_t known = tell(answers_, server_.ends).length_of(server_.acknowledged);
    const auto more = static_cast<std::uint32_t>(at_client_.next - known);
    return at_client_.first + static_cast<std::uint32_t>(known) +
           (draw_.one_in(5) ? draw_.below(more + 1) : more);
  }
  void pass_to_server(const test::TcpSegment& segment) {
    const auto seen = bench_.client(segment);
    ASSERT_TRUE(seen && seen->has_right_checksums);
    if (draw_.one_in(4)) return;
    at_server_.take(seen->sequence, seen->text);
    const std::size_t acknowledged = seen->acknowledgement - at_client_.first;
    ASSERT_LE(acknowledged, server_.sent);
    ASSERT_LE(tell(answers_, server_.ends).length_of(acknowledged), at_client_.next);
    server_.acknowledged = std::max(server_.acknowledged, acknowledged);
  }
  void expect_counted(FtpCounters expected) const {
    for (const Line& line : commands_)
      if (line.length != 0) ++(line.is_own ? expected.data_expected : expected.foreign);
    EXPECT_EQ(bench_.ftp().data_expected, expected.data_expected);
    EXPECT_EQ(bench_.ftp().rewritten, expected.rewritten);
    EXPECT_EQ(bench_.ftp().not_rewritten, expected.not_rewritten);
    EXPECT_EQ(bench_.ftp().foreign, expected.foreign);
    EXPECT_EQ(bench_.ftp().data_refused, 0u);
    EXPECT_LE(bench_.connections().size(), 2u);
  }

  Draw draw_;
  FtpBench<Addr> bench_;
  std::vector<Line> answers_ = draw_lines(draw_, draw_answer, kIsV4);
  std::vector<Line> commands_ = draw_lines(draw_, draw_command, kIsV4);
  Sender server_;
  Sender client_;
  Receiver at_client_;
  Receiver at_server_;
};

template <typename Addr>
class FtpConversation : public ::testing::Test {};
using Families = ::testing::Types<Ipv4Addr, Ipv6Addr>;
TYPED_TEST_SUITE(FtpConversation, Families);

TYPED_TEST(FtpConversation, BothEndsReadWhatTheModelSays) {
  for (std::uint32_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Conversation<TypeParam>(seed).run();
    if (this->HasFailure()) return;
  }
}

}  // namespace
}  // namespace lvs::director
