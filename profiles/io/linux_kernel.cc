#include "profiles/io/linux_kernel.h"

#include <cerrno>

#include "net/base/overload.h"
#include "net/linux/sysctl.h"
#include "profiles/io/abilities.h"
#include "profiles/io/announce.h"
#include "profiles/io/objects/objects.h"
#include "profiles/io/read_snapshot.h"
#include "profiles/io/settle.h"
#include "profiles/io/silence_probe.h"
#include "profiles/io/tunnel_probe.h"

namespace lvs::profiles {
namespace {

Result<StepNote> noted(Result<void> done) {
  if (!done) return tl::unexpected(std::move(done).error());
  return StepNote{};
}

}  // namespace

Result<LinuxKernel> LinuxKernel::open() {
  LVS_TRY(linux_net::RouteSocket route, linux_net::RouteSocket::open());
  return LinuxKernel(std::move(route));
}

Result<Abilities> LinuxKernel::abilities() { return read_abilities(route_); }

Result<Snapshot> LinuxKernel::snapshot(const Look& look) { return read_snapshot(route_, look); }

Result<void> LinuxKernel::read_back(const ReadBackEffective& step) {
  Look look;
  look.sysctls = {conf_key("all", step.rule.setting), conf_key(step.rule.link, step.rule.setting)};
  LVS_TRY(const Snapshot now, snapshot(look));
  const std::optional<std::string> effective = effective_value(step.rule, now);
  if (effective && is_accepted(step.rule.accepted, *effective)) return {};
  return fail(describe(step.rule, now) + ": " + step.rule.why);
}

Result<StepNote> LinuxKernel::announce(const Announce& step) {
  LVS_TRY(const linux_net::Link link, route_.link_named(step.link));
  auto told = announce_vips(link, step.vips);
  // A NIC that is down has no neighbours that remember anything.
  if (!told && told.error().sys_errno == ENETDOWN)
    return StepNote{true, step.link + " is down: nobody was told"};
  return noted(std::move(told));
}

Result<StepNote> LinuxKernel::carry_out(const Step& step) {
  return std::visit(
      Overload{
          [](const SetSysctl& s) { return noted(linux_net::write_sysctl(s.key, s.value)); },
          [&]<typename T>(const Add<T>& s) { return noted(add_object(route_, s.object)); },
          [&]<typename T>(const Remove<T>& s) { return noted(remove_object(route_, s.object)); },
          [&]<typename T>(const Replace<T>& s) {
            return noted(replace_object(route_, s.before, s.after));
          },
          [&](const ReadBackEffective& s) { return noted(read_back(s)); },
          [&](const ArpProbe& s) -> Result<StepNote> {
            LVS_TRY(const linux_net::Link link, route_.link_named(s.link));
            return probe_silence(s, link);
          },
          [&](const Announce& s) { return announce(s); },
          [](const TunnelProbe& s) { return probe_tunnel(s); },
          [](const SettleSysctl& s) { return settle_sysctl(s); },
      },
      step);
}

}  // namespace lvs::profiles
