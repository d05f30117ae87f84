#pragma once

#include <string>
#include <vector>

namespace lvs::test {

/// Packets to and from the VIP 192.168.1.99, counted by nft at the NICs of the peers: nothing may
/// be lost between the client and the servers, nor doubled. Our director's own NIC is not asked:
/// its frames are withheld before nft could count them and sent past it. What it gives back to its
/// own stack is counted where it comes in, at lo.
class PeerCounters {
 public:
  struct Server {
    std::string name;
    int netns_fd = -1;
    bool is_director = false;  ///< its share comes in by lo
  };
  /// Begins to count.
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
