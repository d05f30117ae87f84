#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/result.h"
#include "net/linux/nft_rule.h"
#include "net/wire/addr.h"

namespace lvs::linux_net {

/// "protocol · address · port", as nft's `inet_proto . ipv4_addr . inet_service` (or ipv6_addr).
struct ServiceTuple {
  Protocol protocol = Protocol::Tcp;
  IpAddr addr{};
  Port port{};
  friend constexpr auto operator<=>(const ServiceTuple&, const ServiceTuple&) = default;
};

/// Where a rule goes, and what nft shows beside it.
struct RulePlace {
  std::uint8_t family = 0;
  std::string table{};
  std::string chain{};
  std::string comment{};
};

/// One nf_tables transaction, built in memory and sent at once: all of it happens or nothing
/// (NFNL_MSG_BATCH_BEGIN … END). Tables are made with NLM_F_EXCL, so a foreign table of the same
/// name is an error (EEXIST) and not shared. Every name and comment is bounded by nf_tables' own
/// limits. `family` is NFPROTO_NETDEV, NFPROTO_INET …
class NftBatch {
 public:
  NftBatch();
  ~NftBatch();
  NftBatch(const NftBatch&) = delete;
  NftBatch& operator=(const NftBatch&) = delete;
  NftBatch(NftBatch&&) noexcept;
  NftBatch& operator=(NftBatch&&) noexcept;

  /// A table; `comment` is its userdata, shown by `nft list ruleset` and read back by find_table().
  void add_table(std::uint8_t family, std::string_view table, std::string_view comment);
  void delete_table(std::uint8_t family, std::string_view table);
  /// A filter base chain at netdev ingress of one link, policy accept. The link must exist:
  /// commit() refuses a missing one (ENODEV, naming those that exist) also where the kernel would
  /// wait for it.
  void add_ingress_chain(std::string_view table, std::string_view chain, std::string_view link,
                         std::int32_t priority);
  /// A named set of `inet_proto . ipv4_addr . inet_service`, and of `ipv4_addr`; or with IPv6
  /// addresses. A set holds one family: elements of the other are refused by the kernel (EINVAL).
  void add_service_set(std::uint8_t family, std::string_view table, std::string_view set,
                       Family addresses = Family::Ipv4);
  void add_address_set(std::uint8_t family, std::string_view table, std::string_view set,
                       Family addresses = Family::Ipv4);
  void add_services(std::uint8_t family, std::string_view table, std::string_view set,
                    std::span<const ServiceTuple> services);
  void remove_services(std::uint8_t family, std::string_view table, std::string_view set,
                       std::span<const ServiceTuple> services);
  void add_addresses(std::uint8_t family, std::string_view table, std::string_view set,
                     std::span<const IpAddr> addresses);
  void remove_addresses(std::uint8_t family, std::string_view table, std::string_view set,
                        std::span<const IpAddr> addresses);
  /// Counts and drops packets of this family whose protocol · destination · port is in `set`.
  void drop_services(const RulePlace& place, Family family, const std::string& set);
  /// Counts and drops fragments (first and later) whose destination is in `set`.
  void drop_fragments_to(const RulePlace& place, Family family, const std::string& set);
  /// Counts and drops packets whose protocol · source · port is in one set, unless their
  /// destination is in the other.
  void drop_replies(const RulePlace& place, Family family, const std::string& replies,
                    const std::string& own);
  /// Counts and drops fragments whose source is in one set, unless their destination is in the
  /// other.
  void drop_fragments_from(const RulePlace& place, Family family, const std::string& servers,
                           const std::string& own);
  /// Counts and drops ICMP errors that quote a packet to this server, unless their destination is
  /// in the set `own`.
  void drop_errors_about(const RulePlace& place, const IpAddr& server, const std::string& own);
  /// Any other rule, at the end of its chain.
  void append_rule(const NftRule& rule);

  /// Sends the transaction. On failure nothing of it happened; the error names the first thing that
  /// was refused.
  Result<void> commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What one named set holds, sorted.
struct NftSet {
  std::string name{};
  std::vector<ServiceTuple> services{};
  std::vector<IpAddr> addresses{};
};

/// A table as the kernel has it. `services`, `addresses` and `links` are what all its sets and base
/// chains hold, sorted.
struct NftTable {
  std::uint8_t family = 0;
  std::string name{};
  std::string comment{};
  std::vector<ServiceTuple> services{};
  std::vector<IpAddr> addresses{};
  std::vector<NftSet> sets{};  ///< by name
  std::vector<std::string> links{};
  std::vector<NftRule> rules{};       ///< in the order of each chain
  std::uint64_t dropped_packets = 0;  ///< sum of the rules' counters
};

/// Every table whose name begins with `name_prefix`, sorted by family and name. A kernel without
/// nf_tables gives an error with EOPNOTSUPP or EPROTONOSUPPORT.
Result<std::vector<NftTable>> find_tables(std::string_view name_prefix);

}  // namespace lvs::linux_net
