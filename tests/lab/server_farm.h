#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "net/linux/packet_socket.h"
#include "tests/lab/director_lab.h"
#include "tests/support/netns.h"

namespace lvs::test {

/// As many real servers as one likes at one NIC: 192.168.2.1, 192.168.2.2 …, each with a MAC
/// address of its own. They answer ARP and take datagrams; no kernel is behind them.
class ServerFarm {
 public:
  /// A datagram, and who got it.
  struct Got {
    std::uint16_t server = 0;
    std::uint8_t card = 0;  ///< which of the server's NICs, one after the other
    std::string text;
  };

  static Ipv4Addr address(std::uint16_t server);
  static MacAddr mac(std::uint16_t server, std::uint8_t card);

  /// At a new eth0 of `where`, the other end of which is at the bridge of `fabric`.
  ServerFarm(const Netns& fabric, const Netns& where, std::uint16_t servers);
  ServerFarm(const ServerFarm&) = delete;
  ServerFarm& operator=(const ServerFarm&) = delete;
  ServerFarm(ServerFarm&&) = delete;
  ServerFarm& operator=(ServerFarm&&) = delete;
  ~ServerFarm();

  /// The server has another NIC from now on; `tells` the network so (RFC 5227, 3).
  void change_card(std::uint16_t server, bool tells);
  /// The server answers nothing any more.
  void vanish(std::uint16_t server);
  /// Datagrams of which each text came to a present card of a server, until so many have come.
  /// What came by then otherwise.
  std::vector<Got> wait_for(std::size_t count, Clock::time_point deadline);
  /// Forgets what has come so far.
  void forget();

 private:
  void serve();
  void take(std::span<const std::uint8_t> frame);
  void answer(std::span<const std::uint8_t> frame);
  void announce(std::uint16_t server);
  std::uint16_t server_with(const MacAddr& wanted) const;

  std::uint16_t servers_;
  linux_net::UniqueFd stop_;
  std::optional<linux_net::PacketSocket> socket_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::uint8_t> cards_;  // by server
  std::set<std::uint16_t> vanished_;
  std::vector<Got> got_;
  std::thread thread_;
};

}  // namespace lvs::test
