#include "director/io/director.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>
#include <map>
#include <ostream>
#include <utility>

#include "director/io/capabilities.h"
#include "director/io/configure.h"
#include "director/io/event_loop.h"
#include "director/io/packet_carrier.h"
#include "director/io/table_memory.h"
#include "director/io/worker.h"
#include "net/linux/rtnetlink.h"
#include "net/linux/sys_error.h"
#include "profiles/core/derive.h"

namespace lvs::director {
namespace {

using host::HostFailure;
using host::HostResult;

tl::unexpected<HostFailure> failure(const Error& error, const std::string& hint = {}) {
  const bool denied = error.sys_errno == EPERM || error.sys_errno == EACCES;
  return tl::unexpected(HostFailure{denied ? ExitStatus::NoPermission : ExitStatus::Failed,
                                    error.what + (denied ? hint : "")});
}

constexpr const char* kNeeded = "\n  needed: CAP_NET_ADMIN and CAP_NET_RAW in this namespace";

Result<EngineSeed> draw_seed() {
  EngineSeed seed;
  if (getrandom(seed.hash_key, sizeof seed.hash_key, 0) ==
      static_cast<ssize_t>(sizeof seed.hash_key))
    return seed;
  return fail(std::string("getrandom: ") + linux_net::errno_text(errno), errno);
}

Result<NicNumbers> open_links(Carrier& carrier, const std::vector<std::string>& nics) {
  LVS_TRY(linux_net::RouteSocket routes, linux_net::RouteSocket::open());
  NicNumbers numbers;
  for (const std::string& nic : nics) {
    LVS_TRY(const linux_net::Link link, routes.link_named(nic));
    LVS_CHECK(carrier.open_link(nic, link.index));
    numbers[nic] = link.index;
  }
  return numbers;
}

std::vector<Announcement> announcements(const host::LoadedHost& loaded,
                                        const DirectorSetup& setup) {
  std::map<std::string, std::vector<IpAddr>> by_nic;
  for (const IpAddr& vip : setup.vips())
    if (const profiles::Nic* const nic = profiles::nic_for(*loaded.self, vip))
      by_nic[nic->name].push_back(vip);
  std::vector<Announcement> all;
  for (auto& [nic, vips] : by_nic) all.push_back({nic, std::move(vips)});
  return all;
}

/// Everything of a run that can fail before the host is touched.
struct Prepared {
  std::unique_ptr<host::LoadedHost> loaded;
  profiles::StateLock lock;
  DirectorSetup setup;
  std::unique_ptr<EventLoop> loop;
};

/// The carrier thread's parts, with the services loaded and the NICs open.
Result<EventLoop::Parts> make_parts(const DirectorSetup& setup,
                                    std::span<const SchedulerName> schedulers) {
  LVS_TRY(std::unique_ptr<PacketCarrier> carrier, PacketCarrier::open());
  LVS_CHECK(carrier->select(setup.selection));
  EventLoop::Parts parts;
  LVS_TRY(parts.nic_numbers, open_links(*carrier, setup.nics));
  LVS_TRY(const EngineSeed seed, draw_seed());
  LVS_TRY(TableMemory memory, map_table_memory(setup.limits));
  parts.engine =
      std::make_unique<Engine>(setup.limits, seed, schedulers, Tick{}, std::move(memory));
  LVS_TRY(parts.hops, load(*parts.engine, setup));
  parts.marks = setup.marks;
  parts.engine->set_marks(mark_rules(parts.marks, parts.nic_numbers));
  LVS_TRY(parts.hops_to_clients, add_hops_to_clients(*parts.engine, setup));
  parts.carrier = std::move(carrier);
  return parts;
}

HostResult<Prepared> prepare(const RunOptions& options, std::ostream& err,
                             std::span<const SchedulerName> schedulers) {
  auto loaded = host::load_host(options.host);
  if (!loaded) return tl::unexpected(std::move(loaded).error());
  const profiles::StateDir& state = (*loaded)->state;
  if (const auto made = state.create(); !made) return failure(made.error());
  auto lock = profiles::StateLock::take(state.path() / "director.lock",
                                        "lvs-director run " + options.host.profile);
  if (!lock) return failure(lock.error());

  auto setup = configure((*loaded)->profile, *(*loaded)->self, schedulers);
  if (!setup) return tl::unexpected(HostFailure{ExitStatus::BadProfile, setup.error().what});
  for (const std::string& warning : setup->warnings) err << "warning: " << warning << '\n';

  auto parts = make_parts(*setup, schedulers);
  if (!parts) return failure(parts.error(), kNeeded);
  parts->spin = (*loaded)->profile.engine.spin;
  parts->nics = setup->nics;
  parts->warnings = setup->warnings;
  parts->announcements = announcements(**loaded, *setup);
  parts->about = {{"profile", (*loaded)->profile.name}, {"host", (*loaded)->self->name}};
  parts->socket = options.socket.value_or(state.socket().string());
  parts->group = (*loaded)->profile.control.group;
  auto loop = EventLoop::create(*std::move(parts), err);
  if (!loop) return failure(loop.error(), kNeeded);
  return Prepared{*std::move(loaded), *std::move(lock), *std::move(setup), *std::move(loop)};
}

HostResult<void> run_loop(Prepared& prepared) {
  // After set-up, which may need more; before the carrier thread, which inherits what is left.
  if (const auto kept = keep_network_capabilities(); !kept) return failure(kept.error());
  if (const auto ran = prepared.loop->run(); !ran) return failure(ran.error());
  return {};
}

HostResult<void> set_up_and_run(const RunOptions& options, Prepared& prepared, std::ostream& err) {
  if (!options.set_up) return run_loop(prepared);
  const auto applied = host::apply_host(*prepared.loaded, options.host, err);
  if (!applied) return tl::unexpected(applied.error());
  const auto ran = run_loop(prepared);
  prepared.loop->stop_forwarding();
  const auto taken_back = host::take_back(*prepared.loaded, options.host, *applied);
  return ran ? taken_back : ran;
}

}  // namespace

ExitStatus run_director(const RunOptions& options, std::ostream& err,
                        std::span<const SchedulerName> schedulers) {
  auto prepared = prepare(options, err, schedulers);
  const auto result = prepared ? set_up_and_run(options, *prepared, err)
                               : HostResult<void>(tl::unexpected(prepared.error()));
  if (result) return ExitStatus::Ok;
  err << "lvs-director run: " << result.error().message << '\n';
  return result.error().status;
}

Result<std::filesystem::path> control_socket_path(const std::optional<std::string>& socket,
                                                  const std::optional<std::string>& state_dir) {
  if (socket) return std::filesystem::path(*socket);
  LVS_TRY(const profiles::StateDir state, profiles::StateDir::locate(state_dir));
  return state.socket();
}

}  // namespace lvs::director
