#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

#include "director/core/scheduler/table.h"
#include "tests/bench/workload/median.h"
#include "tests/bench/workload/workload.h"

// Nanoseconds a packet, one line a scene. `median` is that of the batches: on a machine that does
// other work too, the mean has the time in which others ran. Names are
// WHAT/FAMILY/METHOD/what:differs.

namespace lvs::bench {
namespace {

using director::ForwardMethod;
using director::TunnelType;

void run(benchmark::State& state, const Scene& scene) {
  Workload work(scene);
  std::vector<double> batches;
  while (state.KeepRunningBatch(Workload::kBatch)) {
    batches.push_back(work.run_batch());
    state.SetIterationTime(batches.back() * Workload::kBatch * 1e-9);
  }
  work.check();
  state.counters["median"] = median(std::move(batches));
}

void add([[maybe_unused]] const std::string& name, [[maybe_unused]] const Scene& scene) {
#ifndef __clang_analyzer__  // which does not see that the library keeps what is registered
  benchmark::RegisterBenchmark(name.c_str(), [scene](benchmark::State& state) {
    run(state, scene);
  })->UseManualTime();
#endif
}

struct Way {
  const char* name = "";
  Scene scene{};
};
const std::array kWays{
    Way{"dr", {.method = ForwardMethod::Route}},
    Way{"tun", {.method = ForwardMethod::Tunnel}},
    Way{"tun-gue", {.method = ForwardMethod::Tunnel, .tunnel = TunnelType::Gue}},
    Way{"tun-gre", {.method = ForwardMethod::Tunnel, .tunnel = TunnelType::Gre}},
    Way{"nat", {.method = ForwardMethod::Masq}},
    Way{"nat-reply", {.method = ForwardMethod::Masq, .replies = true}},
    Way{"local", {.method = ForwardMethod::Local}},
};

void add_process() {
  for (const Family family : {Family::Ipv4, Family::Ipv6})
    for (const Way& way : kWays)
      for (const std::uint32_t flows : {kHotFlows, kManyFlows}) {
        Scene scene = way.scene;
        scene.family = family;
        scene.flows = flows;
        const std::string by = family == Family::Ipv4 ? "/v4/" : "/v6/";
        add("process" + by + way.name + "/flows:" + std::to_string(flows), scene);
      }
}

void add_configuration_sizes() {
  for (const std::uint32_t services : {1u, 16u, 256u, 4096u}) {
    const std::string count = "/services:" + std::to_string(services);
    add("process/v4/dr" + count, {.services = services});
    add("process/v4/dr/all-in-use" + count,
        {.flows = 4096, .services = services, .over_all_services = true});
    add("open/v4/dr" + count, {.opens_flows = true, .services = services});
  }
  for (const std::uint32_t servers : {1u, 10u, 100u, 1000u})
    add("process/v4/dr/servers:" + std::to_string(servers), {.flows = 4096, .servers = servers});
}

void add_schedulers() {
  for (const director::SchedulerName& scheduler : director::kSchedulers)
    for (const std::uint32_t servers : {1u, 10u, 100u, 1000u})
      add("open/v4/dr/" + std::string(scheduler.name) + "/servers:" + std::to_string(servers),
          scheduler_scene(scheduler.name, servers));
}

}  // namespace
}  // namespace lvs::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 64;
  lvs::bench::add_process();
  lvs::bench::add_configuration_sizes();
  lvs::bench::add_schedulers();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
