#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "net/wire/addr.h"
#include "tests/lab/peer_counters.h"
#include "tests/lab/role_lab.h"

namespace lvs::test {

/// A cluster of one method: director lb1, real servers rs1 and rs2, a client. Its hosts have
/// addresses of the families named here and no others.
struct Shape {
  std::string name;    ///< of the test: "Nat6"
  std::string method;  ///< "dr", "tun", or "nat" (the VIP is then the director's own address, and
                       ///< the servers are on a LAN of their own)
  Family vip = Family::Ipv4;
  Family server = Family::Ipv4;  ///< tun: may be the other one
  std::string tunnel{};          ///< tun: the key's value in TOML; empty: as by default
  std::string decap{};           ///< tun: of the servers; empty: as by default

  bool is_mixed() const { return vip != server; }
};

/// Every method in each family.
std::vector<Shape> every_shape();

inline void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }

/// One service of the cluster, rr.
struct ServiceOfLab {
  std::string protocol = "tcp";
  int port = 80;
  int first_real_port = 0;  ///< nat: of rs1, and one more for each further server; 0: as `port`
  /// The lab starts nginx or its echo for it; else the test starts what it needs.
  bool has_lab_programs = true;
  std::vector<std::string> servers{"rs1", "rs2"};  ///< lb1: the director itself
  std::string more{};                              ///< more keys, as TOML
};

/// The VIP as text.
std::string vip_of(const Shape& shape);
/// The same in a URL: IPv6 in brackets.
std::string url_of(const Shape& shape, const std::string& scheme = "http");
/// The port on which a server gets what clients send to this service.
int real_port(const Shape& shape, const ServiceOfLab& service, const std::string& server);
/// A profile of this cluster.
std::string profile_of(const Shape& shape, const std::vector<ServiceOfLab>& services);

/// Clusters of a method, set up by our programs, with a director that runs.
class MethodLab : public RoleLab {
 protected:
  void TearDown() override;

  /// Builds the lab, sets the servers up and runs the director.
  void run(const Shape& shape, const std::vector<ServiceOfLab>& services);

  /// What curl on the client prints for this URL, options in front.
  std::string curl(const std::string& url, const std::string& options = {});
  /// The distinct answers to `count` requests, one after the other.
  std::set<std::string> answers(const std::string& url, int count);
  /// Counts at the peers from now on. Not for tun, whose packets are others on their way, nor where
  /// the director is a server too: in nat what it sends for others is not to be told from its own.
  void watch_peers(const Shape& shape);
  /// Each frame that the director received was counted as one thing, and some were forwarded. Where
  /// the peers are watched, nothing was lost or doubled between them.
  void expect_conserved();
  /// One figure of the director's list: "forward", "local" …
  std::int64_t counted(const std::string& what);
  /// A file of so many random bytes.
  std::string random_file(std::size_t bytes);
  /// What PUT /upload stored on the servers: a shell's pattern of all of it.
  std::string uploaded();
  /// The length of the answer of an echo server to a datagram of this length, without the server's
  /// name. It is sent again when it was answered with an ICMP error.
  std::string echoed_length(const std::string& vip, int port, int length);
  /// The sum of the file that nginx serves as /big.
  std::string checksum_of_big();
  /// The sum of a file, or of all that match, on a host; without its name.
  std::string checksum(const std::string& host, const std::string& files);

 private:
  std::optional<PeerCounters> peers_;
};

}  // namespace lvs::test
