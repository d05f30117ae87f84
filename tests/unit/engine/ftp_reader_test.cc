#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "director/core/ftp/reader.h"

namespace lvs::director {
namespace {

using Lines = std::vector<std::string>;

/// The lines that a segment tells of; "…" behind one that is not over.
Lines read(FtpReader& reader, std::uint32_t sequence, std::string_view payload) {
  Lines lines;
  while (const auto line = reader.next(sequence, payload))
    lines.push_back(std::string{line->text} + (line->is_over ? "" : "…"));
  return lines;
}

TEST(FtpReader, PartsLinesAtTheirEnds) {
  FtpReader reader;
  reader.begin(100);
  EXPECT_EQ(read(reader, 100, "USER a\r\nPASS b\n\r\n"), (Lines{"USER a", "PASS b", ""}));
  EXPECT_EQ(read(reader, 117, "QUIT\r\n"), (Lines{"QUIT"}));
}

TEST(FtpReader, ReadsEachByteOnce) {
  FtpReader reader;
  reader.begin(100);
  EXPECT_EQ(read(reader, 100, "one\ntwo\n"), (Lines{"one", "two"}));
  EXPECT_EQ(read(reader, 100, "one\ntwo\n"), Lines{}) << "sent again";
  EXPECT_EQ(read(reader, 104, "two\nthree\n"), (Lines{"three"})) << "with more behind it";
  EXPECT_EQ(read(reader, 117, ""), Lines{}) << "an acknowledgement";
}

TEST(FtpReader, JoinsALineOfSeveralSegments) {
  FtpReader reader;
  reader.begin(0xfffffffe);
  EXPECT_EQ(read(reader, 0xfffffffe, "PO"), (Lines{"PO…"}));
  EXPECT_EQ(read(reader, 0, "RT 1"), (Lines{"PORT 1…"}));
  const auto line = reader.next(4, "\nX");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->text, "PORT 1");
  EXPECT_EQ(line->sequence, 0xfffffffe);
  EXPECT_EQ(line->came_before, 6u);
  EXPECT_TRUE(line->is_over);
  EXPECT_EQ(read(reader, 4, "\nX"), (Lines{"X…"}));
}

TEST(FtpReader, TakesACarriageReturnOffThatCameBefore) {
  FtpReader reader;
  EXPECT_EQ(read(reader, 0, "PASV\r"), (Lines{"PASV\r…"}));
  EXPECT_EQ(read(reader, 5, "\n"), (Lines{"PASV"}));
}

TEST(FtpReader, PassesALineThatIsTooLongToKeep) {
  FtpReader reader;
  reader.begin(0);
  const std::string half(FtpReader::kLongestKept, 'x');
  EXPECT_EQ(read(reader, 0, half), (Lines{half + "…"}));
  EXPECT_EQ(read(reader, 128, "y"), Lines{});
  EXPECT_EQ(read(reader, 129, "y\nPASV\n"), (Lines{"PASV"}));
  const std::string whole = half + half;
  EXPECT_EQ(read(reader, 136, whole + "\n"), (Lines{whole})) << "nothing of it is kept";
  EXPECT_EQ(read(reader, 393, whole), Lines{});
  EXPECT_EQ(read(reader, 649, "z\nNOOP\n"), (Lines{"NOOP"}));
}

TEST(FtpReader, BeginsALineBehindWhatIsMissing) {
  FtpReader reader;
  reader.begin(0);
  EXPECT_EQ(read(reader, 0, "PO"), (Lines{"PO…"}));
  EXPECT_EQ(read(reader, 10, "PASV\n"), (Lines{"PASV"}));
  EXPECT_EQ(read(reader, 2, "RT 1,2\n"), Lines{}) << "what was missing comes late";
  FtpReader unknown;
  EXPECT_EQ(read(unknown, 77, "NOOP\n"), (Lines{"NOOP"})) << "where it begins was never told";
}

}  // namespace
}  // namespace lvs::director
