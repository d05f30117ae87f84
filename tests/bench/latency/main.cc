#include <cstdio>
#include <iostream>

#include <CLI/CLI.hpp>

#include "net/json/json.h"
#include "net/wire/addr_text.h"
#include "tests/bench/latency/forwarder.h"
#include "tests/bench/latency/ping.h"
#include "tests/bench/workload/median.h"

// The programs of the latency bed (tests/bench/latency/run.sh): a UDP echo, a bare forwarder, and
// the client that asks in turn and reports.

namespace lvs::bench {
namespace {

struct Options {
  std::string endpoint;
  std::string nic = "eth0", vip, own, server;
  std::int64_t spin_us = 0;
  std::int64_t gap_us = 100;
  std::vector<std::string> targets;  // NAME=ADDRESS:PORT
  std::vector<std::string> ratios;   // NAME/NAME, and =LIMIT where one was promised
  PingPlan plan;
  bool is_json = false;
};

Result<void> run_forwarder(const Options& options) {
  const auto vip = parse_ipv4(options.vip);
  const auto own = parse_mac(options.own);
  const auto server = parse_mac(options.server);
  if (!vip || !own || !server) return fail("forward: an address that is none");
  return BareForwarder{options.nic, *vip, *own, *server, std::chrono::microseconds(options.spin_us)}
      .run();
}

/// "a/b=1.3"
struct Ratio {
  std::string text, over, under;
  std::optional<double> limit{};
  double value = 0;
  double deviation = 0;
};

Ratio read_ratio(const std::string& text) {
  Ratio ratio;
  const std::size_t equals = text.find('=');
  ratio.text = text.substr(0, equals);
  const std::size_t slash = ratio.text.find('/');
  ratio.over = ratio.text.substr(0, slash);
  ratio.under = ratio.text.substr(slash + 1);
  if (equals != std::string::npos) ratio.limit = std::stod(text.substr(equals + 1));
  return ratio;
}

const Times* find(const std::vector<Times>& all, const std::string& name) {
  for (const Times& times : all)
    if (times.name == name) return &times;
  return nullptr;
}

/// The median of the rounds' own ratios.
Result<Ratio> work_out(Ratio ratio, const std::vector<Times>& all) {
  const Times* const over = find(all, ratio.over);
  const Times* const under = find(all, ratio.under);
  if (over == nullptr || under == nullptr) return fail("ratio: no target for " + ratio.text);
  std::vector<double> rounds;
  for (std::size_t i = 0; i < over->medians.size(); ++i)
    rounds.push_back(over->medians[i] / under->medians[i]);
  ratio.value = median(rounds);
  ratio.deviation = median_deviation(rounds);
  return ratio;
}

void print_text(const std::vector<Times>& all, const std::vector<Ratio>& ratios) {
  std::printf("%-24s %8s %8s %8s %6s\n", "round trip, microseconds", "p50", "p99", "min", "lost");
  for (const Times& times : all)
    std::printf("%-24s %8.1f %8.1f %8.1f %6zu\n", times.name.c_str(), median(times.all),
                quantile(times.all, 0.99), quantile(times.all, 0), times.lost);
  std::printf("\n%-36s %8s %8s %6s\n", "ratio of p50", "median", "mad", "limit");
  for (const Ratio& ratio : ratios) {
    std::printf("%-36s %8.3f %8.3f", ratio.text.c_str(), ratio.value, ratio.deviation);
    if (ratio.limit)
      std::printf(" %6.2f %s", *ratio.limit, ratio.value <= *ratio.limit ? "met" : "MISSED");
    std::printf("\n");
  }
}

void print_json(const Options& options, const std::vector<Times>& all,
                const std::vector<Ratio>& ratios) {
  Json targets = Json::array();
  for (const Times& times : all)
    targets.push(Json::object({{"name", times.name},
                               {"p50_us", median(times.all)},
                               {"p99_us", quantile(times.all, 0.99)},
                               {"min_us", quantile(times.all, 0)},
                               {"lost", static_cast<std::uint64_t>(times.lost)}}));
  Json rows = Json::array();
  for (const Ratio& ratio : ratios) {
    Json row = Json::object(
        {{"name", ratio.text}, {"ratio", ratio.value}, {"deviation", ratio.deviation}});
    if (ratio.limit) row.set("limit", *ratio.limit).set("met", ratio.value <= *ratio.limit);
    rows.push(std::move(row));
  }
  const Json document = Json::object({{"rounds", static_cast<std::uint64_t>(options.plan.rounds)},
                                      {"pings", static_cast<std::uint64_t>(options.plan.count)},
                                      {"gap_us", options.gap_us},
                                      {"targets", targets},
                                      {"ratios", rows}});
  std::printf("%s", to_pretty_text(document).c_str());
}

Result<void> run_ping(Options options) {
  for (const std::string& target : options.targets) {
    const std::size_t equals = target.find('=');
    if (equals == std::string::npos) return fail("ping: " + target + " is no NAME=ADDRESS:PORT");
    options.plan.targets.push_back({target.substr(0, equals), target.substr(equals + 1)});
  }
  options.plan.gap = std::chrono::microseconds(options.gap_us);
  LVS_TRY(const std::vector<Times> all, ping(options.plan));
  std::vector<Ratio> ratios;
  for (const std::string& text : options.ratios) {
    LVS_TRY(Ratio ratio, work_out(read_ratio(text), all));
    ratios.push_back(std::move(ratio));
  }
  if (options.is_json) {
    print_json(options, all, ratios);
  } else {
    print_text(all, ratios);
  }
  return {};
}

void declare(CLI::App& app, Options& options, Result<void>& result) {
  CLI::App* const echo_command = app.add_subcommand("echo", "answers datagrams");
  echo_command->add_option("endpoint", options.endpoint)->required();
  echo_command->callback([&] { result = echo(options.endpoint); });

  CLI::App* const forward = app.add_subcommand("forward", "the bare forwarder");
  forward->add_option("--nic", options.nic);
  forward->add_option("--vip", options.vip)->required();
  forward->add_option("--own-mac", options.own)->required();
  forward->add_option("--server-mac", options.server)->required();
  forward->add_option("--spin-us", options.spin_us);
  forward->callback([&] { result = run_forwarder(options); });

  CLI::App* const ping_command = app.add_subcommand("ping", "asks all targets in turn");
  ping_command->add_option("--target", options.targets)->required();
  ping_command->add_option("--ratio", options.ratios);
  ping_command->add_option("--rounds", options.plan.rounds);
  ping_command->add_option("--count", options.plan.count);
  ping_command->add_option("--gap-us", options.gap_us);
  ping_command->add_flag("--json", options.is_json);
  ping_command->callback([&] { result = run_ping(options); });
}

}  // namespace
}  // namespace lvs::bench

int main(int argc, char** argv) try {
  lvs::bench::Options options;
  lvs::Result<void> result;
  CLI::App app("programs of the latency bed");
  app.require_subcommand(1);
  lvs::bench::declare(app, options, result);
  CLI11_PARSE(app, argc, argv);
  if (result) return 0;
  std::cerr << "bench-latency: " << result.error().what << "\n";
  return 1;
} catch (const std::exception& error) {
  std::cerr << "bench-latency: " << error.what() << "\n";
  return 70;
}
