#include "tests/support/storm/ledger.h"

#include <map>
#include <vector>

#include "net/wire/addr_text.h"

namespace lvs::test {
namespace {

using director::ConnectionStatus;
using director::Engine;
using director::ServerStatus;
using director::ServiceStatus;

struct Figures {
  std::uint32_t active = 0;
  std::uint32_t inactive = 0;
  std::uint32_t persistent = 0;
  friend bool operator==(const Figures&, const Figures&) = default;
};

/// Facts of IPVS, 2.4.
bool is_active(const ConnectionStatus& connection) {
  if (connection.protocol == Protocol::Sctp) return connection.state == "ESTABLISHED";
  return connection.protocol == Protocol::Tcp &&
         (connection.state == "ESTABLISHED" || connection.state == "SYN_SENT" ||
          connection.state == "SYN_RECV" || connection.state == "SYNACK");
}

std::vector<ConnectionStatus> connections_of(const Engine& engine, Tick now) {
  std::vector<ConnectionStatus> all;
  std::uint32_t position = 0;
  do {
    position = engine.connections(position, 1024, now, all);
  } while (position != 0);
  return all;
}

std::string text_of(const Figures& figures) {
  return std::to_string(figures.active) + "/" + std::to_string(figures.inactive) + "/" +
         std::to_string(figures.persistent);
}

/// A server that was removed with expire_nodest_conn and added again has a predecessor, whose last
/// connections, because they control others, may still be there.
bool agree(const Figures& counted, const Figures& listed, bool has_predecessor) {
  if (!has_predecessor) return counted == listed;
  return counted.active <= listed.active && counted.inactive <= listed.inactive &&
         counted.persistent <= listed.persistent;
}

}  // namespace

std::string judge_ledger(const Engine& engine, std::uint32_t most, Tick now) {
  if (!engine.counters().conserved()) return "frames are not conserved";
  if (engine.connection_count() > most) return "more connections than the table's bound";
  const std::vector<ConnectionStatus> all = connections_of(engine, now);
  if (all.size() != engine.connection_count())
    return std::to_string(engine.connection_count()) + " connections, but " +
           std::to_string(all.size()) + " are listed";
  std::map<IpAddr, Figures> listed;
  for (const ConnectionStatus& one : all) {
    Figures& figures = listed[one.server];
    ++(one.is_template ? figures.persistent : is_active(one) ? figures.active : figures.inactive);
  }
  for (const ServiceStatus& service : engine.services()) {
    for (const ServerStatus& server : service.servers) {
      const Figures counted{server.active, server.inactive, server.persistent};
      const Figures& found = listed[server.config.address];
      if (!agree(counted, found, service.config.expire_nodest_conn))
        return to_string(server.config.address) + " counts " + text_of(counted) + ", listed are " +
               text_of(found);
    }
  }
  return {};
}

std::string judge_emptiness(const Engine& engine) {
  if (engine.connection_count() != 0)
    return std::to_string(engine.connection_count()) + " connections never ended";
  for (const ServiceStatus& service : engine.services())
    for (const ServerStatus& server : service.servers)
      if (server.active + server.inactive + server.persistent != 0)
        return to_string(server.config.address) + " counts connections that are no more";
  return {};
}

}  // namespace lvs::test
