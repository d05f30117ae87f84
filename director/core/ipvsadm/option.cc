#include "director/core/ipvsadm/option.h"

namespace lvs::director::ipvsadm {
namespace {

constexpr std::array<std::string_view, kOptions> kOptionNames{"numeric",
                                                              "connection",
                                                              "service-address",
                                                              "scheduler",
                                                              "persistent",
                                                              "netmask",
                                                              "real-server",
                                                              "forwarding-method",
                                                              "weight",
                                                              "u-threshold",
                                                              "l-threshold",
                                                              "mcast-interface",
                                                              "timeout",
                                                              "daemon",
                                                              "stats",
                                                              "rate",
                                                              "thresholds",
                                                              "persistent-conn",
                                                              "nosort",
                                                              "syncid",
                                                              "exact",
                                                              "ops",
                                                              "pe",
                                                              "sync-maxlen",
                                                              "mcast-group",
                                                              "mcast-port",
                                                              "mcast-ttl",
                                                              "tun-info",
                                                              "tun-type",
                                                              "tun-port",
                                                              "tun-nocsum",
                                                              "tun-csum",
                                                              "tun-remcsum",
                                                              "sched-flags"};

constexpr std::array<std::string_view, kVerbs> kVerbNames{
    "add-service",   "edit-service", "delete-service", "flush",  "add-server", "edit-server",
    "delete-server", "list",         "zero",           "set",    "save",       "restore",
    "start-daemon",  "stop-daemon",  "help",           "version"};

constexpr OptionSet kService{Option::ServiceAddress};
constexpr OptionSet kServer{Option::ServiceAddress, Option::RealServer};
constexpr OptionSet kOfServices{Option::Scheduler,         Option::Persistent,
                                Option::Netmask,           Option::OnePacket,
                                Option::PersistenceEngine, Option::SchedulerFlags};
constexpr OptionSet kOfServers{
    Option::ForwardingMethod, Option::Weight,      Option::UpperThreshold,
    Option::LowerThreshold,   Option::TunType,     Option::TunPort,
    Option::TunNoChecksum,    Option::TunChecksum, Option::TunRemoteChecksum};
constexpr OptionSet kOfLists{Option::Numeric,    Option::Stats,          Option::Rate,
                             Option::Thresholds, Option::PersistentConn, Option::TunInfo,
                             Option::NoSort,     Option::Exact};
constexpr OptionSet kWhatToList{Option::Connection, Option::ServiceAddress, Option::Timeout,
                                Option::Daemon};
constexpr OptionSet kOfDaemons{Option::McastInterface, Option::SyncId,    Option::LongestMessage,
                               Option::McastGroup,     Option::McastPort, Option::McastTtl};

// In the order of Verb.
constexpr std::array<VerbRule, kVerbs> kRules{{
    {kService, kOfServices, {}},
    {kService, kOfServices, {}},
    {kService, {}, {}},
    {{}, {}, {}},
    {kServer, kOfServers, {}},
    {kServer, kOfServers, {}},
    {kServer, {}, {}},
    {{}, kOfLists, kWhatToList},
    {{}, kService, {}},
    {{}, {}, {}},
    {{}, {Option::Numeric}, {}},
    {{}, {}, {}},
    {{}, kOfDaemons, {}},
    {{}, {Option::SyncId}, {}},
    {{}, {}, {}},
    {{}, {}, {}},
}};

constexpr Switch verb(std::string_view long_name, char short_name, Verb verb,
                      Argument argument = Argument::None) {
  return {long_name, short_name, argument, verb, std::nullopt, Kind::Plain};
}
constexpr Switch flag(std::string_view long_name, char short_name, Option option,
                      Kind kind = Kind::Plain) {
  return {long_name, short_name, Argument::None, std::nullopt, option, kind};
}
constexpr Switch value(std::string_view long_name, char short_name, Option option,
                       Kind kind = Kind::Plain) {
  return {long_name, short_name, Argument::Needed, std::nullopt, option, kind};
}

constexpr std::array kSwitches{
    verb("add-service", 'A', Verb::AddService),
    verb("edit-service", 'E', Verb::EditService),
    verb("delete-service", 'D', Verb::DeleteService),
    verb("clear", 'C', Verb::Clear),
    verb("add-server", 'a', Verb::AddServer),
    verb("edit-server", 'e', Verb::EditServer),
    verb("delete-server", 'd', Verb::DeleteServer),
    verb("list", 'L', Verb::List),
    verb("", 'l', Verb::List),
    verb("zero", 'Z', Verb::Zero),
    verb("set", 0, Verb::SetTimeouts),
    verb("save", 'S', Verb::Save),
    verb("restore", 'R', Verb::Restore),
    verb("start-daemon", 0, Verb::StartDaemon, Argument::Needed),
    verb("stop-daemon", 0, Verb::StopDaemon, Argument::Needed),
    verb("help", 'h', Verb::Help),
    verb("version", 'v', Verb::Version),
    value("tcp-service", 't', Option::ServiceAddress, Kind::Tcp),
    value("udp-service", 'u', Option::ServiceAddress, Kind::Udp),
    value("sctp-service", 0, Option::ServiceAddress, Kind::Sctp),
    value("fwmark-service", 'f', Option::ServiceAddress, Kind::Mark),
    Switch{"ipv6", '6', Argument::None, std::nullopt, std::nullopt, Kind::Ipv6},
    value("scheduler", 's', Option::Scheduler),
    Switch{"persistent", 'p', Argument::Optional, std::nullopt, Option::Persistent, Kind::Plain},
    value("netmask", 'M', Option::Netmask),
    value("real-server", 'r', Option::RealServer),
    flag("gatewaying", 'g', Option::ForwardingMethod, Kind::Gatewaying),
    flag("ipip", 'i', Option::ForwardingMethod, Kind::Ipip),
    flag("masquerading", 'm', Option::ForwardingMethod, Kind::Masquerading),
    value("weight", 'w', Option::Weight),
    value("u-threshold", 'x', Option::UpperThreshold),
    value("l-threshold", 'y', Option::LowerThreshold),
    value("tun-type", 0, Option::TunType),
    value("tun-port", 0, Option::TunPort),
    flag("tun-nocsum", 0, Option::TunNoChecksum),
    flag("tun-csum", 0, Option::TunChecksum),
    flag("tun-remcsum", 0, Option::TunRemoteChecksum),
    flag("ops", 'o', Option::OnePacket),
    value("pe", 0, Option::PersistenceEngine),
    value("sched-flags", 'b', Option::SchedulerFlags),
    flag("numeric", 'n', Option::Numeric),
    flag("connection", 'c', Option::Connection),
    flag("timeout", 0, Option::Timeout),
    flag("daemon", 0, Option::Daemon),
    flag("stats", 0, Option::Stats),
    flag("rate", 0, Option::Rate),
    flag("exact", 'X', Option::Exact),
    flag("thresholds", 0, Option::Thresholds),
    flag("persistent-conn", 0, Option::PersistentConn),
    flag("tun-info", 0, Option::TunInfo),
    flag("nosort", 0, Option::NoSort),
    Switch{"sort", 0, Argument::None, std::nullopt, std::nullopt, Kind::Sort},
    value("syncid", 0, Option::SyncId),
    value("sync-maxlen", 0, Option::LongestMessage),
    value("mcast-interface", 0, Option::McastInterface),
    value("mcast-group", 0, Option::McastGroup),
    value("mcast-port", 0, Option::McastPort),
    value("mcast-ttl", 0, Option::McastTtl),
};

}  // namespace

std::string_view name(Option option) { return kOptionNames[static_cast<std::size_t>(option)]; }
std::string_view name(Verb verb) { return kVerbNames[static_cast<std::size_t>(verb)]; }
const VerbRule& rule_of(Verb verb) { return kRules[static_cast<std::size_t>(verb)]; }
std::span<const Switch> all_switches() { return kSwitches; }

}  // namespace lvs::director::ipvsadm
