#include "profiles/host/probes.h"

#include "net/linux/reach.h"

namespace lvs::host {
namespace {

std::string name_of(const profiles::HostProbe& probe) {
  switch (probe.kind) {
    case profiles::HostProbe::Kind::Tcp:
      return "tcp " + probe.target;
    case profiles::HostProbe::Kind::Arp:
      return "arp " + probe.target;
    case profiles::HostProbe::Kind::Ping:
      return "ping " + probe.target;
  }
  return probe.target;
}

linux_net::ReachTarget target_of(const profiles::HostProbe& probe) {
  switch (probe.kind) {
    case profiles::HostProbe::Kind::Tcp:
      return linux_net::TcpTarget{probe.address, probe.port.value_or(Port{})};
    case profiles::HostProbe::Kind::Arp:
      return linux_net::NeighbourTarget{probe.address};
    case profiles::HostProbe::Kind::Ping:
      break;
  }
  return linux_net::PingTarget{probe.address};
}

std::vector<linux_net::Reached> run(const std::vector<profiles::HostProbe>& probes) {
  std::vector<linux_net::ReachTarget> targets;
  targets.reserve(probes.size());
  for (const profiles::HostProbe& probe : probes) targets.push_back(target_of(probe));
  return linux_net::reach(targets);
}

std::string list_of(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : "; ") + item;
  return text;
}

/// Each that does not pass, and why.
std::vector<std::string> failures(const std::vector<profiles::HostProbe>& probes,
                                  const std::vector<linux_net::Reached>& reached) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < probes.size(); ++i)
    if (!reached[i].yes) texts.push_back(name_of(probes[i]) + ": " + reached[i].why);
  return texts;
}

}  // namespace

std::vector<std::string> Probes::before() {
  const std::vector<linux_net::Reached> reached = run(probes_);
  passed_.clear();
  for (std::size_t i = 0; i < probes_.size(); ++i)
    if (reached[i].yes) passed_.push_back(probes_[i]);
  std::vector<std::string> notes;
  for (const std::string& failure : failures(probes_, reached))
    notes.push_back("probe " + failure + " (before the apply, so it does not count)");
  return notes;
}

Result<void> Probes::after() {
  const std::vector<std::string> failed = failures(passed_, run(passed_));
  broken_ = !failed.empty();
  if (!broken_) return {};
  return fail("what was reached before the apply is not reached any more: " + list_of(failed));
}

std::string Probes::again() const {
  const std::vector<std::string> failed = failures(passed_, run(passed_));
  if (failed.empty()) return "after the roll-back all probes pass again";
  return "after the roll-back still not reached: " + list_of(failed);
}

}  // namespace lvs::host
