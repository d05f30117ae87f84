#include <cstdio>
#include <exception>
#include <iostream>
#include <regex>

#include <CLI/CLI.hpp>

#include "net/json/json.h"
#include "tests/bench/ratios/comparison.h"
#include "tests/bench/ratios/memory.h"

// The engine's figures that docs/performance.md promises: ratios and sizes, each beside its limit.

namespace lvs::bench {
namespace {

struct Options {
  std::size_t rounds = 61;
  std::string only;
  bool is_json = false;
};

const char* verdict(bool is_promised, bool is_met) {
  if (!is_promised) return "";
  return is_met ? "met" : "MISSED";
}

void print_memory(const std::vector<MemoryFigure>& figures) {
  std::printf("%-60s %14s %8s\n", "memory", "bytes", "limit");
  for (const MemoryFigure& figure : figures) {
    std::printf("%-60s %14.0f ", figure.name.c_str(), figure.bytes);
    if (figure.limit > 0)
      std::printf("%8.0f %s", figure.limit, verdict(true, figure.bytes <= figure.limit));
    std::printf("\n");
  }
}

void print_row(const Comparison& row, const Compared& got) {
  std::printf("%-60s %8.1f %8.1f %7.3f %6.3f ", row.name.c_str(), got.base_ns, got.other_ns,
              got.ratio, got.deviation);
  if (row.limit) std::printf("%6.2f %s", *row.limit, verdict(true, got.ratio <= *row.limit));
  std::printf("\n");
}

Json json_of(const std::vector<MemoryFigure>& figures) {
  Json rows = Json::array();
  for (const MemoryFigure& figure : figures) {
    Json row = Json::object({{"name", figure.name}, {"bytes", figure.bytes}});
    if (figure.limit > 0) row.set("limit", figure.limit).set("met", figure.bytes <= figure.limit);
    rows.push(std::move(row));
  }
  return rows;
}

Json json_of(const Comparison& row, const Compared& got) {
  Json json = Json::object({{"name", row.name},
                            {"base_ns", got.base_ns},
                            {"other_ns", got.other_ns},
                            {"ratio", got.ratio},
                            {"deviation", got.deviation}});
  if (row.limit) json.set("limit", *row.limit).set("met", got.ratio <= *row.limit);
  return json;
}

void run(const Options& options) {
  const std::vector<MemoryFigure> memory = memory_figures();
  if (!options.is_json) {
    print_memory(memory);
    std::printf("\n%-60s %8s %8s %7s %6s %6s\n", "nanoseconds a packet", "base", "other", "ratio",
                "mad", "limit");
  }
  Json rows = Json::array();
  for (const Comparison& row : all_comparisons()) {
    if (!std::regex_search(row.name, std::regex(options.only))) continue;
    const Compared got = compare(row, options.rounds);
    if (!options.is_json) print_row(row, got);
    rows.push(json_of(row, got));
  }
  if (!options.is_json) return;
  const Json document = Json::object({{"schema", 1},
                                      {"program", "bench-ratios"},
                                      {"rounds", static_cast<std::uint64_t>(options.rounds)},
                                      {"memory", json_of(memory)},
                                      {"ratios", rows}});
  std::printf("%s", to_pretty_text(document).c_str());
}

}  // namespace
}  // namespace lvs::bench

int main(int argc, char** argv) try {
  lvs::bench::Options options;
  CLI::App app("ratios and sizes of the engine");
  app.add_option("--rounds", options.rounds, "alternations of each comparison");
  app.add_option("--only", options.only, "comparisons whose name this regular expression finds");
  app.add_flag("--json", options.is_json);
  CLI11_PARSE(app, argc, argv);
  lvs::bench::run(options);
  return 0;
} catch (const std::exception& error) {
  std::cerr << "bench: " << error.what() << "\n";
  return 70;
}
