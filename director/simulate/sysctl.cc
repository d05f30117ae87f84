#include "director/simulate/sysctl.h"

#include <algorithm>
#include <array>
#include <string>

namespace lvs::director::simulate {
namespace {

using ipvsadm::CommonSettings;

struct Switch {
  std::string_view name;
  bool EngineSettings::*member = nullptr;
};
struct Number {
  std::string_view name;
  std::uint32_t EngineSettings::*member = nullptr;
};
struct CommonSwitch {
  std::string_view name;
  bool CommonSettings::*member = nullptr;
};

constexpr std::array kSwitches{
    Switch{"sloppy_tcp", &EngineSettings::sloppy_tcp},
    Switch{"sloppy_sctp", &EngineSettings::sloppy_sctp},
    Switch{"pmtu_disc", &EngineSettings::pmtu_disc},
    Switch{"cache_bypass", &EngineSettings::cache_bypass},
    Switch{"schedule_icmp", &EngineSettings::schedule_icmp},
    Switch{"nat_icmp_send", &EngineSettings::nat_icmp_send},
};
constexpr std::array kNumbers{
    Number{"conn_reuse_mode", &EngineSettings::conn_reuse_mode},
    Number{"drop_entry", &EngineSettings::drop_entry},
    Number{"drop_packet", &EngineSettings::drop_packet},
    Number{"secure_tcp", &EngineSettings::secure_tcp},
    Number{"am_droprate", &EngineSettings::am_droprate},
    Number{"lblc_expiration", &EngineSettings::lblc_expiration_s},
    Number{"lblcr_expiration", &EngineSettings::lblcr_expiration_s},
};
constexpr std::array kCommonSwitches{
    CommonSwitch{"expire_nodest_conn", &CommonSettings::expire_nodest_conn},
    CommonSwitch{"expire_quiescent_template", &CommonSettings::expire_quiescent_template},
};
constexpr std::array<std::string_view, 21> kWithoutEffect{
    "amemthresh",     "conn_max",        "conntrack",           "snat_reroute",
    "sync_version",   "sync_ports",      "sync_persist_mode",   "sync_qlen_max",
    "sync_sock_size", "sync_threshold",  "sync_refresh_period", "sync_retries",
    "backup_only",    "ignore_tunneled", "run_estimation",      "est_cpulist",
    "est_nice",       "conn_lfactor",    "svc_lfactor",         "debug_level",
    "conn_tab_bits"};

template <typename Table, typename Object>
bool set_in(const Table& table, std::string_view name, std::int64_t value, Object& object) {
  const auto found =
      std::ranges::find_if(table, [name](const auto& row) { return row.name == name; });
  if (found == table.end()) return false;
  auto& member = object.*(found->member);
  if constexpr (std::is_same_v<decltype(member), bool&>)
    member = value != 0;
  else
    member = static_cast<std::uint32_t>(value);
  return true;
}

}  // namespace

Result<void> set_sysctl(std::string_view name, std::int64_t value, EngineSettings& settings,
                        CommonSettings& common) {
  if (std::ranges::find(kWithoutEffect, name) != kWithoutEffect.end()) return {};
  if (value < 0 || value > 0x7fffffff)
    return fail("sysctl " + std::string{name} + ": " + std::to_string(value) +
                " is no value for it");
  if (set_in(kSwitches, name, value, settings) || set_in(kNumbers, name, value, settings) ||
      set_in(kCommonSwitches, name, value, common))
    return {};
  return fail("sysctl " + std::string{name} + ": there is none in net.ipv4.vs");
}

}  // namespace lvs::director::simulate
