#include "tests/bench/ratios/memory.h"

#include <unistd.h>

#include <fstream>

#include "director/core/connection_table.h"
#include "tests/bench/workload/workload.h"

namespace lvs::bench {
namespace {

constexpr std::size_t kExpireLimit = 4096;
constexpr Ticks kLongerThanAnyTimeout = seconds_to_ticks(1000);

double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t pages = 0;
  statm >> pages >> pages;  // the second number: resident
  return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

/// The header and the wheel's slots do not count: they are there once.
template <typename Addr>
double bytes_each() {
  using Table = director::ConnectionTable<Addr>;
  return static_cast<double>(Table::bytes_for(2 * kManyFlows) - Table::bytes_for(kManyFlows)) /
         kManyFlows;
}

void add_residence(std::vector<MemoryFigure>& figures, Family family) {
  const std::string by = family == Family::Ipv4 ? ", v4" : ", v6";
  const double before = resident_bytes();
  {
    const Workload empty({.family = family, .flows = 1});
    figures.push_back(
        {"resident, engine for 1 M connections, one there" + by, resident_bytes() - before});
  }
  Workload full({.family = family, .flows = kManyFlows});
  figures.push_back({"resident, 1 M connections there" + by, resident_bytes() - before});
  full.pass(kLongerThanAnyTimeout);
  while (full.engine().expire(full.now(), kExpireLimit)) {
  }
  figures.push_back({"resident, all of them expired" + by, resident_bytes() - before});
}

}  // namespace

std::vector<MemoryFigure> memory_figures() {
  std::vector<MemoryFigure> figures{
      {"a connection, v4 (every method)", bytes_each<Ipv4Addr>(), 64},
      {"a connection, v6 (every method)", bytes_each<Ipv6Addr>(), 128},
  };
  add_residence(figures, Family::Ipv4);
  add_residence(figures, Family::Ipv6);
  return figures;
}

}  // namespace lvs::bench
