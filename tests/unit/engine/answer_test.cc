#include "director/core/answer.h"

#include <gtest/gtest.h>

#include "net/wire/describe.h"
#include "net/wire/icmp.h"
#include "tests/support/engine_bench.h"

// What the client is told, by the bytes of the frame that is sent to it.

namespace lvs::director {
namespace {

using test::EngineBench;
using namespace wire::tcp_flag;

const std::string kBack = "02:00:00:00:00:02 > 02:00:00:00:00:01: 10.0.0.1";

/// The answer to a frame, in words; what it is else.
std::string answer_to(EngineBench& bench, const test::FrameSpec& spec) {
  const Verdict verdict = bench.send(spec);
  if (verdict.action != Action::Answer)
    return std::string(name(verdict.action)) + ' ' + std::string(name(verdict.reason));
  const wire::ConstBytes frame = bench.answer(verdict);
  const auto ip = wire::ConstIpv4View::parse(frame.subspan(wire::kEthernetHeader));
  EXPECT_TRUE(ip && ip->has_valid_checksum());
  EXPECT_EQ(ip->bytes().size() + wire::kEthernetHeader, frame.size());
  if (ip->protocol() == Protocol::Tcp) {
    EXPECT_EQ(wire::transport_sum(*ip), 0xffff);
  } else {
    EXPECT_TRUE(wire::ConstIcmpView::parse(ip->payload())->has_valid_checksum());
  }
  return wire::describe(frame);
}

// RFC 9293, 3.10.7.1.
TEST(Reset, HasTheSequenceThatTheSegmentAcknowledges) {
  EngineBench bench;
  EXPECT_EQ(answer_to(bench, {.flags = kAck, .sequence = 5, .acknowledgement = 77, .payload = 3}),
            kBack + ":80 > 203.0.113.5:1024 tcp rst, seq 77 ack 0 length 0");
}

TEST(Reset, AcknowledgesASegmentWithoutAcknowledgement) {
  EngineBench bench;
  EXPECT_EQ(answer_to(bench, {.flags = kFin, .sequence = 5, .payload = 3}),
            kBack + ":80 > 203.0.113.5:1024 tcp rst ack, seq 0 ack 9 length 0");
}

TEST(Reset, IsNeverSentForAReset) {
  EngineBench bench;
  EXPECT_EQ(answer_to(bench, {.flags = kRst}), "drop no_connection");
  EXPECT_EQ(answer_to(bench, {.flags = kRst | kSyn}), "drop no_connection");
  EXPECT_EQ(answer_to(bench, {.flags = kRst | kAck}), "drop no_connection");
}

TEST(Answer, IsPortUnreachableWithoutAServer) {
  EngineBench bench;
  EXPECT_EQ(
      answer_to(bench, {}),
      kBack + " > 203.0.113.5 icmp port unreachable, about 203.0.113.5:1024 > 10.0.0.1:80 tcp");
  bench.add(bench.server(11, 0));
  EXPECT_EQ(answer_to(bench, {}).substr(0, kBack.size()), kBack) << "a quiesced one does not count";
}

TEST(Answer, TellsFtpDataThatNothingListens) {
  EngineBench bench;
  bench.add(bench.server(11));
  EXPECT_EQ(answer_to(bench, {.source_port = Port{20}}),
            kBack + ":80 > 203.0.113.5:20 tcp rst ack, seq 0 ack 1001 length 0");
}

TEST(Answer, IsTimeExceededWhenTheTtlEnds) {
  EngineBench bench;
  bench.add(bench.server(11));
  for (std::uint8_t ttl = 0; ttl <= 1; ++ttl)
    EXPECT_EQ(
        answer_to(bench, {.ttl = ttl}),
        kBack + " > 203.0.113.5 icmp time exceeded, about 203.0.113.5:1024 > 10.0.0.1:80 tcp");
  EXPECT_EQ(bench.send({.ttl = 2}).action, Action::Forward);
}

TEST(Answer, TellsTheMtuWhenThePacketMayNotBeCut) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.send({});
  EXPECT_EQ(bench.send({.flags = kAck, .payload = 1460}).action, Action::Forward);
  EXPECT_EQ(answer_to(bench, {.flags = kAck, .payload = 1461}),
            kBack +
                " > 203.0.113.5 icmp fragmentation needed, mtu 1500, about 203.0.113.5:1024 > "
                "10.0.0.1:80 tcp");
}

// As IPVS was recorded: the hop is counted before the length is looked at.
TEST(Answer, QuotesATooLongPacketWithOneHopLess) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.send({});
  const Verdict verdict = bench.send({.flags = kAck, .payload = 1461, .ttl = 17});
  ASSERT_EQ(verdict.action, Action::Answer);
  const auto error = *wire::ConstIpv4View::parse(bench.answer(verdict).subspan(14));
  const auto quoted = wire::ConstIcmpView::parse(error.payload())->quoted();
  ASSERT_TRUE(quoted);
  EXPECT_EQ(quoted->ttl(), 16);
}

TEST(Answer, QuotesAPacketWhoseTtlEndsAsItCame) {
  EngineBench bench;
  bench.add(bench.server(11));
  const Verdict verdict = bench.send({.ttl = 1});
  const auto error = *wire::ConstIpv4View::parse(bench.answer(verdict).subspan(14));
  EXPECT_EQ(wire::ConstIcmpView::parse(error.payload())->quoted()->ttl(), 1);
}

// Facts of IPVS, 2.13: only DF stops it; what may be cut is cut on its way out.
TEST(Answer, IsNoneToAPacketThatMayBeCut) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.send({});
  const Verdict cut = bench.send({.flags = kAck, .payload = 1461, .dont_fragment = false});
  EXPECT_EQ(cut.action, Action::Forward);
  EXPECT_EQ(cut.piece_length, 1500);
  EXPECT_EQ(bench.send({.flags = kAck, .payload = 1460, .dont_fragment = false}).piece_length, 0);
}

TEST(Answer, TellsTheMtuWhenTheSegmentsOfASuperFrameDoNotFit) {
  EngineBench bench;
  bench.add(bench.server(11));
  bench.send({});
  test::Bytes frame = test::make_frame({.flags = kAck, .payload = 9000});
  EXPECT_EQ(bench.process(frame, {.checksum_unfinished = true, .segment_size = 1461}).action,
            Action::Answer);
}

TEST(Answer, QuotesNoMoreThanFitsIn576Bytes) {
  EngineBench bench;
  const Verdict verdict = bench.send({.payload = 1400});
  ASSERT_EQ(verdict.action, Action::Answer);
  EXPECT_EQ(verdict.answer_length, 14 + 576);
  EXPECT_LE(verdict.answer_length, Engine::kAnswerBytes);
}

TEST(Answer, GoesToNobodyWhoIsMany) {
  EngineBench bench;
  test::Bytes frame = test::make_frame({});
  frame[6] |= 1;  // a multicast sender at layer 2
  EXPECT_EQ(bench.process(frame).reason, DropReason::NoServer);
}

TEST(Answer, IsLimitedPerSecond) {
  EngineBench bench{{.connections = 16, .answers_per_second = 2}};
  EXPECT_EQ(bench.send({}).action, Action::Answer);
  EXPECT_EQ(bench.send({.flags = kAck}).action, Action::Answer);
  EXPECT_EQ(bench.send({}).reason, DropReason::NoServer);
  EXPECT_EQ(bench.send({.flags = kAck}).reason, DropReason::NoConnection);
  bench.pass(Ticks{kTicksPerSecond});
  EXPECT_EQ(bench.send({}).action, Action::Answer);
}

TEST(Answer, OverItsLimitIsADropForItsReason) {
  EngineBench bench{{.connections = 16, .answers_per_second = 0}};
  bench.add(bench.server(11));
  EXPECT_EQ(bench.send({.ttl = 1}).reason, DropReason::TtlExpired);
  EXPECT_EQ(bench.send({.flags = kAck, .payload = 1461}).reason, DropReason::TooBig);
}

}  // namespace
}  // namespace lvs::director
