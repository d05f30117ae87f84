#include <gtest/gtest.h>

#include "tests/support/ftp_bench.h"

// A text of another length, and the numbers of all that follows, in every state that a segment may
// come in.

namespace lvs::director {
namespace {

using test::FtpBench;
using namespace wire::tcp_flag;

constexpr char kPassive[] = "227 (10,0,0,11,156,64)\r\n";
constexpr char kPassiveOfVip[] = "227 (203,0,113,10,156,64)\r\n";
constexpr std::uint32_t kLength = sizeof kPassive - 1;
constexpr std::uint32_t kGrowth = sizeof kPassiveOfVip - sizeof kPassive;
static_assert(kGrowth == 3);

struct Grown : FtpBench<Ipv4Addr> {
  Grown() {
    connect();
    server_says(kPassive);
  }
};

TEST(FtpNumbers, ShiftWhatFollowsALongerText) {
  Grown bench;
  const auto answer = bench.server({.sequence = bench.answered, .text = "150 here\r\n"});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->sequence, 501 + kLength + kGrowth);
  EXPECT_TRUE(answer->has_right_checksums);
  const auto seen = bench.client({.sequence = 101, .acknowledgement = 501 + kLength + kGrowth});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->acknowledgement, 501 + kLength);
  EXPECT_EQ(seen->sequence, 101u);
  EXPECT_TRUE(seen->has_right_checksums);
}

TEST(FtpNumbers, LeaveWhatStandsBefore) {
  Grown bench;
  EXPECT_EQ(bench.client({.sequence = 101, .acknowledgement = 501})->acknowledgement, 501u);
  EXPECT_EQ(bench.server({.sequence = 500, .acknowledgement = 101})->sequence, 500u)
      << "a keep-alive of before";
  EXPECT_EQ(
      bench.client({.sequence = 101, .acknowledgement = 9999, .flags = kRst})->acknowledgement,
      9999u)
      << "no acknowledgement is one without its bit";
}

TEST(FtpNumbers, OfResetsAreTranslatedToo) {
  Grown bench;
  const auto reset = bench.server({.sequence = bench.answered, .flags = kRst});
  EXPECT_EQ(reset->sequence, 501 + kLength + kGrowth);
}

TEST(FtpNumbers, TellWhatIsSentAgainAsItWasTold) {
  Grown bench;
  const auto again = bench.server({.sequence = 501, .text = kPassive});
  EXPECT_EQ(again->text, kPassiveOfVip);
  EXPECT_EQ(again->sequence, 501u);
  const auto rest = bench.server({.sequence = 501 + 10, .text = kPassive + 10});
  EXPECT_EQ(rest->text, std::string(kPassiveOfVip).substr(rest->sequence - 501));
  EXPECT_EQ(bench.ftp().data_expected, 1u);
  EXPECT_EQ(bench.ftp().rewritten, 1u);
}

TEST(FtpNumbers, AddUp) {
  Grown bench;
  EXPECT_EQ(bench.server_says(kPassive), kPassiveOfVip);
  const auto answer = bench.server({.sequence = bench.answered, .text = "226 done\r\n"});
  EXPECT_EQ(answer->sequence, 501 + 2 * (kLength + kGrowth));
}

TEST(FtpNumbers, OfSelectiveAcknowledgementAreNotOffered) {
  FtpBench<Ipv4Addr> bench;
  const std::vector<std::uint8_t> offer{2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0};
  std::vector<std::uint8_t> hidden = offer;
  hidden[4] = hidden[5] = 1;
  const auto request = bench.client({.sequence = 100, .flags = kSyn, .options = offer});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->options, hidden);
  EXPECT_TRUE(request->has_right_checksums);
  const auto reply = bench.server(
      {.sequence = 500, .acknowledgement = 101, .flags = kSyn | kAck, .options = offer});
  EXPECT_EQ(reply->options, hidden);
  EXPECT_TRUE(reply->has_right_checksums);

  // At an odd place, cut short, and where an option's length is nonsense.
  for (const std::vector<std::uint8_t>& odd :
       {std::vector<std::uint8_t>{1, 4, 2, 0}, {1, 1, 1, 4}, {3, 0, 4, 2}}) {
    FtpBench<Ipv4Addr> other;
    const auto seen = other.client({.sequence = 100, .flags = kSyn, .options = odd});
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->options, odd[1] == 4 ? (std::vector<std::uint8_t>{1, 1, 1, 0}) : odd);
    EXPECT_TRUE(seen->has_right_checksums);
  }
}

TEST(FtpNumbers, AreThoseOfANewConnectionAfterwards) {
  Grown bench;
  bench.client({.sequence = 101, .flags = kRst});
  bench.client({.sequence = 9000, .flags = kSyn});
  bench.server({.sequence = 700, .acknowledgement = 9001, .flags = kSyn | kAck});
  EXPECT_EQ(bench.server({.sequence = 701, .text = "220 hello\r\n"})->sequence, 701u);
  EXPECT_EQ(bench.client({.sequence = 9001, .acknowledgement = 712})->acknowledgement, 712u);
}

// A network card computes what is unfinished: the sum there is the pseudo-header's, and the length
// in it is the new one.
TEST(FtpNumbers, KeepAnUnfinishedChecksumOne) {
  FtpBench<Ipv4Addr> bench;
  bench.connect();
  const auto store_pseudo_sum = [](std::vector<std::uint8_t>& packet) {
    wire::store_be16(packet, 36, 0);
    const auto ip = *wire::Ipv4View::parse(packet);
    wire::store_be16(packet, 36,
                     wire::fold(wire::pseudo_header_words(ip.source(), ip.destination(),
                                                          Protocol::Tcp, packet.size() - 20)));
  };
  for (const std::string text : {kPassive, "150 here\r\n"}) {
    bench.packet = test::make_segment(
        bench.from_server({.sequence = bench.answered, .acknowledgement = 101, .text = text}));
    bench.answered += static_cast<std::uint32_t>(text.size());
    store_pseudo_sum(bench.packet);
    ASSERT_TRUE(bench.pass_made({.checksum_unfinished = true}));
    std::vector<std::uint8_t> expected = bench.packet;
    store_pseudo_sum(expected);
    EXPECT_EQ(bench.packet, expected);
    test::finish_packet(expected);
    EXPECT_TRUE(test::has_right_checksums(expected));
  }
}

TEST(FtpNumbers, LetASuperFrameGrow) {
  FtpBench<Ipv4Addr> bench;
  bench.connect();
  const std::string banner(3000, 'b');
  bench.packet = test::make_segment(
      bench.from_server({.sequence = 501, .text = banner + "\r\n" + kPassive + "x"}));
  const auto seen = bench.pass_made({.segment_size = 1460});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->text, banner + "\r\n" + kPassiveOfVip + "x");
  EXPECT_TRUE(seen->has_right_checksums);
}

// A server whose segment fills the way is told of a narrower one, and sends it again in pieces.
TEST(FtpNumbers, AskForASmallerSegmentWhereALongerTextHasNoRoom) {
  FtpBench<Ipv4Addr> bench;
  bench.connect();
  const std::string banner(1500 - 40 - kLength - 2, 'b');
  const std::string text = banner + "\r\n" + kPassive;
  EXPECT_FALSE(bench.server({.sequence = 501, .text = text}));
  ASSERT_EQ(bench.verdict.action, Action::Answer);
  const auto ip = wire::ConstIpv4View::parse(bench.answer(bench.verdict).subspan(14));
  EXPECT_EQ(ip->destination(), bench.kServer);
  EXPECT_EQ(wire::load_be16(ip->payload(), 6), 1500 - kGrowth);
  EXPECT_EQ(bench.connections().size(), 1u);

  EXPECT_EQ(bench.server({.sequence = 501, .text = banner + "\r\n"})->text, banner + "\r\n");
  const auto seen = bench.server(
      {.sequence = 501 + static_cast<std::uint32_t>(banner.size()) + 2, .text = kPassive});
  EXPECT_EQ(seen->text, kPassiveOfVip);
}

TEST(FtpNumbers, OfAFragmentAreTranslatedButItsTextIsNotRead) {
  FtpBench<Ipv4Addr> bench;
  bench.connect();
  bench.packet = test::make_segment(bench.from_server({.sequence = 501, .text = kPassive}));
  bench.packet[6] = 0x20;  // more fragments
  wire::store_be16(bench.packet, 10, 0);
  wire::store_be16(bench.packet, 10, wire::checksum_of(wire::ConstBytes{bench.packet}.first(20)));
  const auto seen = bench.pass_made();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->text, kPassive);
  EXPECT_EQ(seen->source, bench.kVip);
  EXPECT_EQ(bench.ftp().data_expected, 0u);
}

// What waits comes again, so nothing of it may be taken in yet.
TEST(FtpNumbers, AreNotTakenInWhileTheWayIsUnknown) {
  FtpBench<Ipv4Addr> bench;
  bench.connect();
  bench.engine.forget_routes();
  EXPECT_FALSE(bench.server({.sequence = 501, .text = kPassive}));
  ASSERT_EQ(bench.verdict.action, Action::Wait);
  EXPECT_EQ(bench.packet,
            test::make_segment(bench.from_server({.sequence = 501, .text = kPassive})));
  bench.route_to(bench.kClient);
  EXPECT_EQ(bench.server({.sequence = 501, .text = kPassive})->text, kPassiveOfVip);
}

}  // namespace
}  // namespace lvs::director
