#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "director/core/service_table.h"

namespace lvs::director::test {

inline constexpr Tick kNow{5000};

inline IpAddr address_of(std::uint8_t last_octet) { return Ipv4Addr(192, 168, 10, last_octet); }

inline Ipv6Addr ipv6(std::uint8_t last_octet) {
  return Ipv6Addr{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last_octet}};
}

/// A service table with tcp 10.0.0.1:80, and short words for what is done to it.
struct ServiceBench {
  explicit ServiceBench(const std::string& scheduler = "rr") {
    web.scheduler = scheduler;
    id = table.add(web).value();
  }

  ServerConfig server(std::uint8_t last_octet, std::uint32_t weight = 1) const {
    return {.address = address_of(last_octet),
            .port = Port{80},
            .name = {},
            .weight = weight,
            .method = ForwardMethod::Masq};
  }
  ServerId add(const ServerConfig& config) { return table.add_server(web.key, config).value(); }
  ServerId add(std::uint8_t last_octet, std::uint32_t weight = 1) {
    return add(server(last_octet, weight));
  }
  void edit(const ServerConfig& config) { ASSERT_TRUE(table.edit_server(web.key, config)); }
  void remove(std::uint8_t last_octet, Tick now = kNow) {
    ASSERT_TRUE(table.remove_server(web.key, address_of(last_octet), Port{80}, now));
  }
  Service& service() { return *table.service(id); }
  const ServerRecord& record(ServerId server_id) { return *table.server(server_id); }
  /// The last octet of the server that a new flow goes to; 0: none.
  int pick(Port client_port = Port{1}) {
    const NewFlow flow{.client = Ipv4Addr(203, 0, 113, 5),
                       .destination = web.key.vip,
                       .client_port = client_port,
                       .destination_port = web.key.port,
                       .protocol = Protocol::Tcp,
                       .now = kNow};
    const std::optional<ServerId> chosen = table.schedule(service(), flow);
    if (!chosen) return 0;
    return static_cast<int>(table.server(*chosen)->address.octets[15]);
  }
  std::vector<int> picks(int count) {
    std::vector<int> all;
    for (int i = 0; i < count; ++i) all.push_back(pick());
    return all;
  }
  void bind(ServerId server_id, ServiceTable::Load load = ServiceTable::Load::Active) {
    table.bind(server_id, load);
  }

  ServiceConfig web{.key = {Protocol::Tcp, Ipv4Addr(10, 0, 0, 1), Port{80}},
                    .name = {},
                    .scheduler = {},
                    .persistence = {}};
  ServiceTable table{kSchedulers, {}};
  ServiceId id{};
};

}  // namespace lvs::director::test
