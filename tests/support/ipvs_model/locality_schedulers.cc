#include <algorithm>
#include <map>

#include "tests/support/ipvs_model/scheduler.h"

// lblc and lblcr, facts 1.6, for scenarios shorter than a day: their memory is not swept.

namespace lvs::test {
namespace {

using director::SchedulerFlags;

/// More active connections than its weight, while another has less than half of its own.
bool is_overloaded(const ModelServer& server, const ServerPointers& list) {
  if (server.active <= server.config.weight) return false;
  return std::ranges::any_of(list, [](const ServerPointer& other) {
    return std::uint64_t{2} * other->active < other->config.weight;
  });
}

class Locality : public ModelScheduler {
 public:
  ServerPointer pick(const ServerPointers& list, const ModelPacket& packet,
                     SchedulerFlags) override {
    const auto entry = entries_.find(packet.destination);
    if (entry != entries_.end()) {
      const ServerPointer& server = entry->second;
      if (server->available && server->config.weight > 0 && !is_overloaded(*server, list))
        return server;
    }
    ServerPointer server = pick_weighted_least(list);
    if (server != nullptr) entries_[packet.destination] = server;
    return server;
  }

 private:
  std::map<IpAddr, ServerPointer> entries_;
};

class LocalityWithSets : public ModelScheduler {
 public:
  ServerPointer pick(const ServerPointers& list, const ModelPacket& packet,
                     SchedulerFlags) override {
    const auto entry = entries_.find(packet.destination);
    if (entry != entries_.end()) {
      ServerPointers members = entry->second;  // the member added last first
      std::erase_if(members, [](const ServerPointer& server) { return !server->available; });
      const ServerPointer server = pick_weighted_least(members);
      if (server != nullptr && !is_overloaded(*server, list)) return server;
    }
    ServerPointer server = pick_weighted_least(list);
    if (server == nullptr) return nullptr;
    ServerPointers& members = entries_[packet.destination];
    if (std::ranges::find(members, server) == members.end())
      members.insert(members.begin(), server);
    return server;
  }

 private:
  std::map<IpAddr, ServerPointers> entries_;
};

}  // namespace

std::unique_ptr<ModelScheduler> make_locality_scheduler(const std::string& name) {
  if (name == "lblc") return std::make_unique<Locality>();
  if (name == "lblcr") return std::make_unique<LocalityWithSets>();
  return nullptr;
}

}  // namespace lvs::test
