#pragma once

#include <string>
#include <vector>

namespace lvs::test {

/// Packets of a service, counted by nft at the NICs of the peers: nothing may be lost between the
/// client and the servers, nor doubled. A tunnel's packets are others and cannot be counted so. Our
/// director's own NIC is not asked: its frames are withheld before nft could count them and sent
/// past it. What it gives back to its own stack is counted where it comes in, at lo.
class PeerCounters {
 public:
  struct Server {
    std::string name;
    int netns_fd = -1;
    bool is_director = false;  ///< its share comes in by lo
  };
  /// Expressions of nft that hold, at every peer, for what goes to the service and comes from it.
  struct Watched {
    std::string to = "ip daddr 192.168.1.99";
    std::string from = "ip saddr 192.168.1.99";
  };
  /// All but ICMP to and from a client, which `nat` leaves as they are.
  static Watched of_client(const std::string& address);

  /// Begins to count.
  PeerCounters(int client_netns_fd, std::vector<Server> servers, const Watched& watched);
  PeerCounters(int client_netns_fd, std::vector<Server> servers);

  /// Fails the test unless what left the client has arrived at a server and what left a server has
  /// arrived at the client, packet for packet. Waits a little for what is still on its way.
  void expect_conserved() const;

 private:
  struct Balance {
    long sent = 0;
    long received = 0;
    long answered = 0;
    long returned = 0;
    bool even() const { return sent == received && answered == returned; }
  };
  Balance read() const;
  std::string by_host() const;

  int client_;
  std::vector<Server> servers_;
};

}  // namespace lvs::test
