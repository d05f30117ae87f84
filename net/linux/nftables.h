#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/result.h"
#include "net/wire/addr.h"

struct nftnl_rule;

namespace lvs::linux_net {

/// A set of "protocol · address · port", as nft's `inet_proto . ipv4_addr . inet_service`.
struct ServiceTuple {
  Protocol protocol = Protocol::Tcp;
  Ipv4Addr addr{};
  Port port{};
  friend constexpr auto operator<=>(const ServiceTuple&, const ServiceTuple&) = default;
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
  /// A named set of `inet_proto . ipv4_addr . inet_service`, and of `ipv4_addr`.
  void add_service_set(std::uint8_t family, std::string_view table, std::string_view set);
  void add_address_set(std::uint8_t family, std::string_view table, std::string_view set);
  void add_services(std::uint8_t family, std::string_view table, std::string_view set,
                    std::span<const ServiceTuple> services);
  void remove_services(std::uint8_t family, std::string_view table, std::string_view set,
                       std::span<const ServiceTuple> services);
  void add_addresses(std::uint8_t family, std::string_view table, std::string_view set,
                     std::span<const Ipv4Addr> addresses);
  void remove_addresses(std::uint8_t family, std::string_view table, std::string_view set,
                        std::span<const Ipv4Addr> addresses);
  /// Counts and drops IPv4 packets whose protocol · destination · port is in `set`.
  void drop_services(std::uint8_t family, std::string_view table, std::string_view chain,
                     std::string_view set, std::string_view comment);
  /// Counts and drops IPv4 fragments (first and later) whose destination is in `set`.
  void drop_fragments_to(std::uint8_t family, std::string_view table, std::string_view chain,
                         std::string_view set, std::string_view comment);

  /// Sends the transaction. On failure nothing of it happened; the error names the first thing that
  /// was refused.
  Result<void> commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A table as the kernel has it. `services`, `addresses` and `links` are what its sets and base
/// chains hold, sorted.
struct NftTable {
  std::uint8_t family = 0;
  std::string name{};
  std::string comment{};
  std::vector<ServiceTuple> services{};
  std::vector<Ipv4Addr> addresses{};
  std::vector<std::string> links{};
  std::size_t rules = 0;
  std::uint64_t dropped_packets = 0;  ///< sum of the rules' counters
};

/// Every table whose name begins with `name_prefix`, sorted by family and name. A kernel without
/// nf_tables gives an error with EOPNOTSUPP or EPROTONOSUPPORT.
Result<std::vector<NftTable>> find_tables(std::string_view name_prefix);

}  // namespace lvs::linux_net
