#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>

#include "tests/support/ipvs_model/scheduler.h"

// rr, wrr, and those that look for a least or greatest figure: facts 1.2, 1.3.

namespace lvs::test {
namespace {

using director::SchedulerFlags;

std::size_t position_of(const ServerPointers& list, const ServerPointer& server) {
  return static_cast<std::size_t>(std::ranges::find(list, server) - list.begin());
}

class RoundRobin : public ModelScheduler {
 public:
  ServerPointer pick(const ServerPointers& list, const ModelPacket&, SchedulerFlags) override {
    const std::size_t first = last_ == nullptr ? 0 : position_of(list, last_) + 1;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const ServerPointer& server = list[(first + i) % list.size()];
      if (server->takes_new()) return last_ = server;
    }
    return nullptr;
  }
  void before_removal(const ServerPointers& list, const ServerPointer& server) override {
    if (last_ != server) return;
    const std::size_t at = position_of(list, server);
    last_ = at == 0 ? nullptr : list[at - 1];
  }

 private:
  ServerPointer last_;  ///< null: the list's head
};

class WeightedRoundRobin : public ModelScheduler {
 public:
  explicit WeightedRoundRobin(const ServerPointers& list) {
    learn(list);
    current_ = greatest_;
  }

  ServerPointer pick(const ServerPointers& list, const ModelPacket&, SchedulerFlags) override {
    if (greatest_ == 0) return nullptr;
    const ServerPointer began = last_;
    std::size_t at = began == nullptr ? 0 : position_of(list, began) + 1;
    bool lowest = false;
    bool ran_out = false;
    while (true) {
      for (; at < list.size(); ++at) {
        if (!list[at]->overload && list[at]->config.weight >= current_) return last_ = list[at];
        if (lowest && ran_out && list[at] == began) return nullptr;
      }
      const bool none_left = current_ <= divisor_;
      current_ = none_left ? greatest_ : current_ - divisor_;
      if (lowest || (none_left && began == nullptr)) {
        last_ = nullptr;
        current_ = greatest_;
        return nullptr;
      }
      ran_out = ran_out || none_left;
      lowest = current_ <= divisor_;
      at = 0;
    }
  }
  void changed(const ServerPointers& list, ListChange) override {
    learn(list);
    last_ = nullptr;
    if (current_ > greatest_ || current_ == 0) {
      current_ = greatest_;
    } else if (divisor_ > 1) {
      current_ = current_ / divisor_ * divisor_ + 1;
    }
  }

 private:
  void learn(const ServerPointers& list) {
    std::uint32_t divisor = 0;
    std::uint32_t greatest = 0;
    for (const ServerPointer& server : list) {
      divisor = std::gcd(divisor, server->config.weight);
      greatest = std::max(greatest, server->config.weight);
    }
    divisor_ = std::max(divisor, 1u);
    greatest_ = greatest == 0 ? 0 : greatest - (divisor_ - 1);
  }

  ServerPointer last_;  ///< null: the list's head
  std::uint32_t divisor_ = 1;
  std::uint32_t greatest_ = 0;
  std::uint32_t current_ = 0;
};

/// A rule that needs no memory.
class Rule : public ModelScheduler {
 public:
  using Pick = std::function<ServerPointer(const ServerPointers&)>;
  explicit Rule(Pick pick) : pick_(std::move(pick)) {}
  ServerPointer pick(const ServerPointers& list, const ModelPacket&, SchedulerFlags) override {
    return pick_(list);
  }

 private:
  Pick pick_;
};

std::uint64_t overhead(const ModelServer& server) {
  return std::uint64_t{256} * server.active + server.inactive;
}
std::uint64_t expected_delay(const ModelServer& server) { return std::uint64_t{server.active} + 1; }

using Figure = std::uint64_t (*)(const ModelServer&);

/// Least figure a unit of weight: the first keeps ties.
ServerPointer least(const ServerPointers& list, Figure figure, bool weighted) {
  ServerPointer best;
  for (const ServerPointer& server : list) {
    if (!server->takes_new()) continue;
    const std::uint64_t best_weight = best == nullptr || !weighted ? 1 : best->config.weight;
    const std::uint64_t weight = weighted ? server->config.weight : 1;
    if (best == nullptr || figure(*best) * weight > figure(*server) * best_weight) best = server;
  }
  return best;
}

ServerPointer never_queue(const ServerPointers& list) {
  for (const ServerPointer& server : list)
    if (server->takes_new() && server->active == 0) return server;
  return least(list, expected_delay, true);
}

ServerPointer failover(const ServerPointers& list) {
  ServerPointer best;
  for (const ServerPointer& server : list)
    if (server->takes_new() && (best == nullptr || server->config.weight > best->config.weight))
      best = server;
  return best;
}

ServerPointer overflow(const ServerPointers& list) {
  ServerPointer best;
  for (const ServerPointer& server : list) {
    if (!server->takes_new() || server->active > server->config.weight) continue;
    if (best == nullptr || server->config.weight > best->config.weight) best = server;
  }
  return best;
}

}  // namespace

ServerPointer pick_weighted_least(const ServerPointers& list) {
  return least(list, overhead, true);
}

std::unique_ptr<ModelScheduler> make_walking_scheduler(const std::string& name,
                                                       const ServerPointers& list) {
  if (name == "rr") return std::make_unique<RoundRobin>();
  if (name == "wrr") return std::make_unique<WeightedRoundRobin>(list);
  if (name == "wlc") return std::make_unique<Rule>(pick_weighted_least);
  if (name == "nq") return std::make_unique<Rule>(never_queue);
  if (name == "fo") return std::make_unique<Rule>(failover);
  if (name == "ovf") return std::make_unique<Rule>(overflow);
  if (name == "lc")
    return std::make_unique<Rule>(
        [](const ServerPointers& servers) { return least(servers, overhead, false); });
  if (name == "sed")
    return std::make_unique<Rule>(
        [](const ServerPointers& servers) { return least(servers, expected_delay, true); });
  return nullptr;
}

}  // namespace lvs::test
