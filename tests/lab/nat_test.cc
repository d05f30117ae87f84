#include <algorithm>

#include "net/wire/addr_text.h"
#include "net/wire/ipv4.h"
#include "net/wire/transport.h"
#include "tests/lab/role_lab.h"
#include "tests/lab/role_profiles.h"
#include "tests/support/frames.h"

// The hosts of a nat cluster: what a server opens itself goes out by the director under the
// director's address; what it answers as a real server is the engine's and not the kernel's.

namespace lvs::test {
namespace {

constexpr Ipv4Addr kRip{192, 168, 3, 2};
constexpr Ipv4Addr kDip{192, 168, 3, 1};
constexpr Ipv4Addr kVip{192, 168, 1, 91};
constexpr Ipv4Addr kClient{192, 168, 1, 1};

/// "SOURCE:PORT > DESTINATION:PORT" of a TCP packet, with an R when it resets; else empty.
std::string tcp_line(std::vector<std::uint8_t> frame) {
  const auto ethernet = wire::ConstEthernetView::parse(frame);
  if (!ethernet || ethernet->type() != wire::EtherType::Ipv4) return {};
  const auto ip = wire::ConstIpv4View::parse(ethernet->payload());
  if (!ip || ip->protocol() != Protocol::Tcp || ip->payload().size() < 20) return {};
  const auto port = [&](std::size_t at) {
    return std::to_string(wire::load_be16(ip->payload(), at));
  };
  const bool resets = (ip->payload()[wire::transport_field::kTcpFlags] & wire::tcp_flag::kRst) != 0;
  return to_string(ip->source()) + ":" + port(0) + " > " + to_string(ip->destination()) + ":" +
         port(2) + (resets ? " R" : "");
}

class NatHosts : public RoleLab {
 protected:
  /// A SYN of rs1 from this port to port 9 of `to`, by the director.
  Bytes syn(Port port, Ipv4Addr to, const MacAddr& sender) {
    Bytes frame = make_frame(
        {.source = kRip, .source_port = port, .destination = to, .destination_port = Port{9}});
    const auto ethernet = wire::EthernetView::parse(frame);
    ethernet->set_source(sender);
    ethernet->set_destination(mac("lb1", "eth1"));
    return frame;
  }

  /// rs1 sends a SYN from each of these ports to the client, in this order; what TCP the client
  /// gets until the first for port 9.
  std::vector<std::string> seen_by_client(const std::vector<Port>& ports) {
    return in("client", [&] {
      Station client("eth0");
      in("rs1", [&] {
        Station server("eth0");
        for (const Port port : ports) server.send(syn(port, kClient, server.mac()));
        return 0;
      });
      std::vector<std::string> lines;
      for (const auto& frame : client.read_until(
               [](const auto& each) { return tcp_line(each).find(":9") != std::string::npos; }))
        if (const std::string line = tcp_line(frame); !line.empty()) lines.push_back(line);
      return lines;
    });
  }

  /// What comes back to rs1 for a SYN from its service's port to this address of the director.
  std::string answer_to_server(Ipv4Addr own) {
    return in("rs1", [&] {
      Station server("eth0");
      server.send(syn(Port{80}, own, server.mac()));
      const auto frames =
          server.read_until([](const auto& each) { return !tcp_line(each).empty(); });
      return frames.empty() ? std::string{} : tcp_line(frames.back());
    });
  }
};

TEST_F(NatHosts, MasqueradesWhatServersOpen) {
  up(kNat);
  if (HasFatalFailure() || IsSkipped()) return;
  EXPECT_NE(try_sh("rs1", "curl -s --max-time 5 http://192.168.1.1:9/"), 0);
  apply_all();
  EXPECT_NE(sh("rs1", "ip route get 192.168.1.1").find("via 192.168.3.1 dev eth0"),
            std::string::npos);
  const auto seen = cluster().listen("client", "tcp port 9");
  ASSERT_NE(seen, nullptr);
  // 7: refused. The refusal came back, so both directions work.
  EXPECT_EQ(try_sh("rs1", "curl -s --max-time 20 http://192.168.1.1:9/"), 7);
  const std::vector<std::string> lines = seen->stop();
  ASSERT_FALSE(lines.empty());
  EXPECT_NE(lines.front().find("192.168.1.91."), std::string::npos) << lines.front();
  for (const std::string& line : lines)
    EXPECT_EQ(line.find("192.168.3."), std::string::npos) << line;
  revert_all();
  EXPECT_NE(try_sh("rs1", "curl -s --max-time 5 http://192.168.1.1:9/"), 0);
}

TEST_F(NatHosts, WithholdsRepliesOfTheServiceAndNothingElse) {
  up(kNat);
  if (HasFatalFailure() || IsSkipped()) return;
  apply_all();
  const auto outside = cluster().listen("client", "tcp port 9");
  const auto tap = cluster().listen("lb1", "tcp port 9 and src port 80", {"-i", "eth1"});
  ASSERT_TRUE(outside && tap);
  // Both went the same way in this order: the second came, so the first was withheld.
  EXPECT_EQ(seen_by_client({Port{80}, Port{81}}),
            std::vector<std::string>{"192.168.1.91:81 > 192.168.1.1:9"});
  for (const std::string& line : outside->stop())
    EXPECT_EQ(line.find(".80 > "), std::string::npos) << line;
  EXPECT_EQ(tap->stop().size(), 1U) << "AF_PACKET sees what the kernel does not get";
}

TEST_F(NatHosts, LetsServersTalkToTheDirectorItself) {
  up(kNat);
  if (HasFatalFailure() || IsSkipped()) return;
  apply_all();
  for (const Ipv4Addr own : {kDip, kVip})
    EXPECT_EQ(answer_to_server(own), to_string(own) + ":9 > 192.168.3.2:80 R");
}

const std::string kNatFtp = joined(
    "name = \"role-ftp\"\n[[service]]\nvip = \"192.168.1.91\"\nport = 21\nmethod = \"nat\"\n"
    "scheduler = \"rr\"\nservers = [\"rs1\"]\n",
    two_nics("lb1", "director", "\"192.168.1.91/24\"", "\"192.168.3.1/24\""),
    one_nic("rs1", "realserver", "\"192.168.3.2/24\""));

/// Everything that such a server sends looks like FTP's data, and so does what comes back to the
/// director's own address: all of it is withheld, and goes on from lo.
TEST_F(NatHosts, LetsFtpServersOpenConnectionsOfTheirOwnWhileTheDirectorRuns) {
  up(kNatFtp);
  if (HasFatalFailure() || IsSkipped()) return;
  our_command("apply", "rs1");
  cluster().run_director();
  if (HasFatalFailure()) return;
  const auto seen = cluster().listen("client", "tcp port 9");
  ASSERT_NE(seen, nullptr);
  // 7: refused. The refusal came back, so both directions work.
  EXPECT_EQ(try_sh("rs1", "curl -s --max-time 20 http://192.168.1.1:9/"), 7);
  EXPECT_EQ(try_sh("lb1", "curl -s --max-time 20 http://192.168.1.1:9/"), 7) << "the host's own";
  const std::vector<std::string> lines = seen->stop();
  ASSERT_FALSE(lines.empty());
  for (const std::string& line : lines)
    EXPECT_EQ(line.find("192.168.3."), std::string::npos) << line;
  EXPECT_EQ(cluster().stop_director(), 0) << cluster().director_log();
}

}  // namespace
}  // namespace lvs::test
