#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "net/wire/arp.h"
#include "net/wire/ethernet.h"
#include "net/wire/icmp.h"
#include "net/wire/ipv4.h"
#include "net/wire/transport.h"
#include "tests/support/frames.h"

// The fuzzer's seeds must reach the accepting path of each view, or it begins with nothing.

namespace lvs::wire {
namespace {

std::map<std::string, test::Bytes> read_corpus() {
  const auto folder = std::filesystem::path{LVSKIT_SOURCE_DIR} / "tests/fuzz/corpus/frame";
  std::map<std::string, test::Bytes> frames;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    frames[entry.path().filename().string()] =
        test::Bytes(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return frames;
}

/// The views that accept a frame, by name.
std::string accepted_by(const test::Bytes& frame) {
  const auto ethernet = ConstEthernetView::parse(ConstBytes{frame});
  if (!ethernet) return "";
  std::string names = ethernet->is_tagged() ? "ethernet tag" : "ethernet";
  if (ConstArpView::parse(ethernet->payload())) names += " arp";
  const auto ip = ConstIpv4View::parse(ethernet->payload());
  if (!ip) return names;
  names += ip->has_valid_checksum() ? " ipv4" : " broken-ipv4";
  if (const auto transport = ConstTransportView::parse(*ip))
    return names + (transport->is_tcp() ? " tcp" : " udp") +
           (!transport->has_checksum() || transport_sum(*ip) == 0xffff ? "" : " broken-sum");
  if (ip->protocol() != Protocol::Icmp) return names;
  const auto icmp = ConstIcmpView::parse(ip->payload());
  if (!icmp) return names;
  return names + (icmp->has_valid_checksum() ? " icmp" : " broken-icmp") +
         (icmp->quoted() ? " quoted" : "");
}

TEST(FrameCorpus, ReachesTheAcceptingPathOfEachView) {
  auto corpus = read_corpus();
  EXPECT_EQ(accepted_by(corpus["tcp_syn"]), "ethernet ipv4 tcp");
  EXPECT_EQ(accepted_by(corpus["tcp_syn_options"]), "ethernet ipv4 tcp");
  EXPECT_EQ(accepted_by(corpus["ip_options"]), "ethernet ipv4 tcp");
  EXPECT_EQ(accepted_by(corpus["tcp_vlan"]), "ethernet tag ipv4 tcp");
  EXPECT_EQ(accepted_by(corpus["tcp_padded"]), "ethernet ipv4 tcp");
  EXPECT_EQ(accepted_by(corpus["udp"]), "ethernet ipv4 udp");
  EXPECT_EQ(accepted_by(corpus["udp_no_checksum"]), "ethernet ipv4 udp");
  EXPECT_EQ(accepted_by(corpus["udp_bad_length"]), "ethernet ipv4");
  EXPECT_EQ(accepted_by(corpus["tcp_truncated"]), "ethernet");
  EXPECT_EQ(accepted_by(corpus["icmp_echo"]), "ethernet ipv4 icmp");
  EXPECT_EQ(accepted_by(corpus["icmp_unreachable"]), "ethernet ipv4 icmp quoted");
  EXPECT_EQ(accepted_by(corpus["icmp_too_big"]), "ethernet ipv4 icmp quoted");
  EXPECT_EQ(accepted_by(corpus["arp_request"]), "ethernet arp");
  EXPECT_EQ(accepted_by(corpus["later_fragment"]), "ethernet ipv4");
}

}  // namespace
}  // namespace lvs::wire
