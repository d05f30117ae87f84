#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "director/core/scheduler/server_list.h"
#include "director/core/scheduler/share.h"

namespace lvs::director {

/// Servers by numbers that outlive a server's time in the service: what a cache of choices
/// remembers. A server is known by its address and port, so that one which comes back has its
/// number again, whatever its ServerId is then (facts of IPVS, 1.6). A number is free again when
/// the server is out of the service and nobody holds it, so there are never more than servers and
/// holders.
class ServerRoster {
 public:
  using Number = std::uint32_t;

  void on_added(const ServerList& servers);
  void on_removed(std::size_t seat);
  void on_edited(const ServerList& servers, std::size_t seat);

  Number number_of(std::size_t seat) const { return by_seat_[seat]; }
  /// None: the server is out of the service.
  std::optional<std::size_t> seat_of(Number number) const { return known_[number].seat; }
  /// Its overhead by weight; of a server out of the service what its connections still make, and
  /// the weight that it had.
  Share share_of(const ServerList& servers, Number number) const;

  void hold(Number number) { ++known_[number].holders; }
  void release(Number number) { --known_[number].holders; }

 private:
  struct Known {
    MappedAddr address{};
    Port port{};
    ServerId id{};
    std::uint32_t weight = 0;
    std::uint32_t holders = 0;
    std::optional<std::size_t> seat;
  };
  Number find_or_enter(const ServerRecord& server);

  std::vector<Known> known_;
  std::vector<Number> by_seat_;
};

}  // namespace lvs::director
