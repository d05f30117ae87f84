#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

// ipvsadm's words: what may stand on its command line (facts of IPVS, 3.1 and 3.2).

namespace lvs::director::ipvsadm {

enum class Verb : std::uint8_t {
  AddService,
  EditService,
  DeleteService,
  Clear,
  AddServer,
  EditServer,
  DeleteServer,
  List,
  Zero,
  SetTimeouts,
  Save,
  Restore,
  StartDaemon,
  StopDaemon,
  Help,
  Version,
  Count_,  // NOLINT(readability-identifier-naming): no verb, their number
};
inline constexpr std::size_t kVerbs = static_cast<std::size_t>(Verb::Count_);

/// In the order in which ipvsadm looks for those that a command lacks or may not have.
enum class Option : std::uint8_t {
  Numeric,
  Connection,
  ServiceAddress,
  Scheduler,
  Persistent,
  Netmask,
  RealServer,
  ForwardingMethod,
  Weight,
  UpperThreshold,
  LowerThreshold,
  McastInterface,
  Timeout,
  Daemon,
  Stats,
  Rate,
  Thresholds,
  PersistentConn,
  NoSort,
  SyncId,
  Exact,
  OnePacket,
  PersistenceEngine,
  LongestMessage,
  McastGroup,
  McastPort,
  McastTtl,
  TunInfo,
  TunType,
  TunPort,
  TunNoChecksum,
  TunChecksum,
  TunRemoteChecksum,
  SchedulerFlags,
  Count_,  // NOLINT(readability-identifier-naming): no option, their number
};
inline constexpr std::size_t kOptions = static_cast<std::size_t>(Option::Count_);

/// As messages name it: "service-address", "u-threshold" …
std::string_view name(Option option);
/// "add-service", "flush" …
std::string_view name(Verb verb);

class OptionSet {
 public:
  constexpr OptionSet() = default;
  constexpr OptionSet(std::initializer_list<Option> options) {
    for (const Option option : options) insert(option);
  }
  constexpr void insert(Option option) { bits_ |= bit(option); }
  constexpr bool has(Option option) const { return (bits_ & bit(option)) != 0; }
  constexpr bool has_any(OptionSet others) const { return (bits_ & others.bits_) != 0; }

 private:
  static constexpr std::uint64_t bit(Option option) {
    return std::uint64_t{1} << static_cast<unsigned>(option);
  }
  std::uint64_t bits_ = 0;
};
static_assert(kOptions <= 64);

/// What a verb needs and takes.
struct VerbRule {
  OptionSet needed{};
  OptionSet allowed{};       ///< beside the needed ones
  OptionSet alternatives{};  ///< allowed, but only one of them
};
const VerbRule& rule_of(Verb verb);

/// What a switch is: several may be one option ("-t" and "-u" are both service addresses).
enum class Kind : std::uint8_t {
  Plain,  ///< its option says all
  Tcp,
  Udp,
  Sctp,
  Mark,
  Ipv6,
  Sort,
  Gatewaying,
  Ipip,
  Masquerading,
};

enum class Argument : std::uint8_t { None, Needed, Optional };

struct Switch {
  std::string_view long_name;
  char short_name = 0;
  Argument argument = Argument::None;
  std::optional<Verb> verb{};
  std::optional<Option> option{};
  Kind kind = Kind::Plain;
};
std::span<const Switch> all_switches();

}  // namespace lvs::director::ipvsadm
