#include <array>
#include <string_view>

#include "director/core/scheduler/table.h"
#include "tests/bench/ratios/comparison.h"

namespace lvs::bench {
namespace {

using director::ForwardMethod;

constexpr std::uint32_t kManyServices = 4096;
constexpr std::uint32_t kManyServers = 1000;
constexpr std::uint32_t kSomeFlows = 4096;

struct Way {
  std::string_view name;
  ForwardMethod method{};
  bool replies = false;
};
constexpr std::array kWays{
    Way{"dr", ForwardMethod::Route},    Way{"tun", ForwardMethod::Tunnel},
    Way{"nat", ForwardMethod::Masq},    Way{"nat, replies", ForwardMethod::Masq, true},
    Way{"local", ForwardMethod::Local},
};

/// What a new connection may take longer with 1000 servers than with one.
std::optional<double> limit_of(std::string_view scheduler) {
  for (const std::string_view hashing : {"dh", "sh", "mh"})
    if (scheduler == hashing) return 1.1;
  for (const std::string_view by_load : {"lc", "wlc", "sed", "nq"})
    if (scheduler == by_load) return 2.0;
  return std::nullopt;
}

void add_flows(std::vector<Comparison>& all) {
  for (const Family family : {Family::Ipv4, Family::Ipv6})
    for (const Way& way : kWays) {
      Comparison row;
      row.name = "1 M flows / 64: " + std::string(way.name);
      row.name += family == Family::Ipv4 ? ", v4" : ", v6";
      row.base = {.family = family, .method = way.method, .replies = way.replies};
      row.other = row.base;
      row.other.flows = kManyFlows;
      row.limit = 4.0;
      all.push_back(row);
    }
}

void add_configurations(std::vector<Comparison>& all) {
  all.push_back({"4096 services / 1: existing flows", {}, {.services = kManyServices}, 1.05});
  all.push_back({"4096 services / 1: existing flows, of each service one",
                 {.flows = kSomeFlows},
                 {.flows = kSomeFlows, .services = kManyServices, .over_all_services = true}});
  all.push_back({"4096 services / 1: new connections",
                 {.opens_flows = true},
                 {.opens_flows = true, .services = kManyServices}});
  all.push_back({"1000 servers / 1: existing flows", {}, {.servers = kManyServers}, 1.02});
  all.push_back({"1000 servers / 1: existing flows, of each server four",
                 {.flows = kSomeFlows},
                 {.flows = kSomeFlows, .servers = kManyServers}});
}

void add_schedulers(std::vector<Comparison>& all) {
  for (const director::SchedulerName& scheduler : director::kSchedulers)
    all.push_back({"1000 servers / 1: new connections, " + std::string(scheduler.name),
                   scheduler_scene(scheduler.name, 1),
                   scheduler_scene(scheduler.name, kManyServers), limit_of(scheduler.name)});
}

}  // namespace

std::vector<Comparison> all_comparisons() {
  std::vector<Comparison> all;
  add_flows(all);
  add_configurations(all);
  add_schedulers(all);
  return all;
}

}  // namespace lvs::bench
