#include <gtest/gtest.h>

#include <string>

#include "director/core/ftp/stream.h"

namespace lvs::director {
namespace {

FtpText text(std::string_view wanted) {
  FtpText written;
  for (const char c : wanted) written.bytes[written.length++] = c;
  return written;
}

/// What a segment becomes.
std::string become(const FtpStream& stream, std::uint32_t sequence, std::string payload) {
  const std::size_t length = payload.size();
  for (std::size_t i = FtpStream::kMostEdits; i-- > 0;)
    if (const auto change = stream.replacement(i, sequence, length))
      payload.replace(change->offset, change->removed, change->inserted);
  return payload;
}

TEST(FtpStream, ChangesNothingWithoutEdits) {
  FtpStream stream;
  stream.begin(500);
  EXPECT_EQ(stream.to_client(499), 499u);
  EXPECT_EQ(stream.to_client(700), 700u);
  EXPECT_EQ(stream.to_server(700), 700u);
  EXPECT_EQ(become(stream, 500, "abc"), "abc");
}

// "aaXXXbb" becomes "aa12345bb": 500 to 507 are 500 to 509.
TEST(FtpStream, CountsWhatALongerTextAdds) {
  FtpStream stream;
  stream.begin(500);
  stream.edit(502, 3, text("12345"));
  EXPECT_EQ(become(stream, 500, "aaXXXbb"), "aa12345bb");
  EXPECT_EQ(stream.to_client(500), 500u);
  EXPECT_EQ(stream.to_client(502), 502u);
  EXPECT_EQ(stream.to_client(505), 507u);
  EXPECT_EQ(stream.to_client(507), 509u);
  EXPECT_EQ(stream.to_server(509), 507u);
  EXPECT_EQ(stream.to_server(507), 505u);
  EXPECT_EQ(stream.to_server(502), 502u);
}

TEST(FtpStream, CountsWhatAShorterTextLeavesOut) {
  FtpStream stream;
  stream.edit(502, 5, text("12"));
  EXPECT_EQ(become(stream, 500, "aaXXXXXbb"), "aa12bb");
  EXPECT_EQ(stream.to_client(507), 504u);
  EXPECT_EQ(stream.to_server(504), 507u);
  EXPECT_EQ(stream.to_client(506), 504u) << "the third to fifth byte stand for nothing";
}

// Each piece of what is sent again becomes a piece of what was sent, wherever it is cut.
TEST(FtpStream, CutsAnEditAsItsBytesAreCut) {
  for (const std::string_view inserted : {"12345", "1", "123"}) {
    FtpStream stream;
    stream.edit(502, 3, text(inserted));
    const std::string server = "aaXXXbb";
    const std::string client = become(stream, 500, server);
    for (std::uint32_t cut = 0; cut <= server.size(); ++cut) {
      const std::string front = become(stream, 500, server.substr(0, cut));
      EXPECT_EQ(front + become(stream, 500 + cut, server.substr(cut)), client);
      EXPECT_EQ(stream.to_client(500 + cut), 500 + front.size());
    }
  }
}

TEST(FtpStream, TellsAnAcknowledgementOfAPartAsOneOfNoMore) {
  FtpStream stream;
  stream.edit(502, 3, text("12345"));
  EXPECT_EQ(stream.to_server(503), 503u);
  EXPECT_EQ(stream.to_server(504), 504u);
  for (const std::uint32_t part : {505u, 506u}) EXPECT_EQ(stream.to_server(part), 504u);
  EXPECT_EQ(stream.to_server(507), 505u) << "all of it";
}

TEST(FtpStream, AddsEditsUpAndAcrossTheEndOfNumbers) {
  FtpStream stream;
  stream.edit(0xfffffff0, 2, text("12345"));  // + 3
  stream.edit(0xfffffffe, 6, text("1"));      // - 5
  EXPECT_EQ(stream.to_client(0xfffffff2), 0xfffffff5);
  EXPECT_EQ(stream.to_client(4), 2u);
  EXPECT_EQ(stream.to_server(2), 4u);
  EXPECT_EQ(stream.to_server(0xfffffff5), 0xfffffff2);
}

TEST(FtpStream, KnowsTheLastFourEdits) {
  FtpStream stream;
  for (std::uint32_t i = 0; i < 5; ++i) stream.edit(100 * i, 1, text("12"));
  EXPECT_EQ(stream.to_client(1000), 1005u);
  EXPECT_EQ(stream.to_server(1005), 1000u);
  EXPECT_EQ(stream.to_client(150), 152u);
}

TEST(FtpStream, BeginsAnewWithAnotherFirstNumberOnly) {
  FtpStream stream;
  EXPECT_TRUE(stream.begin(500));
  stream.edit(502, 1, text("12"));
  EXPECT_FALSE(stream.begin(500));
  EXPECT_EQ(stream.to_client(510), 511u);
  EXPECT_TRUE(stream.begin(900));
  EXPECT_EQ(stream.to_client(910), 910u);
}

}  // namespace
}  // namespace lvs::director
