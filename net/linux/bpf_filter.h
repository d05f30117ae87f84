#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "net/base/link_index.h"
#include "net/base/result.h"
#include "net/linux/fd.h"

// tc programs at the ingress of a link (clsact and its "bpf" filters), in the calling thread's
// network namespace. What is attached here outlives the process. No policy: whose a filter is, and
// what its maps mean, the caller knows.

namespace lvs::linux_net {

/// Keys and values of one map, as bytes, by the map's name. Each list is sorted by key.
struct MapEntry {
  std::vector<std::uint8_t> key;
  std::vector<std::uint8_t> value;
};
using MapContents = std::map<std::string, std::vector<MapEntry>>;

/// A program that the kernel has taken, with its maps filled; gone with the object unless attached.
class BpfProgram {
 public:
  /// `object` is an ELF object for BPF; `name` is the function in it, a tc program.
  static Result<BpfProgram> load(std::span<const std::uint8_t> object, const std::string& name,
                                 const MapContents& maps);
  int fd() const { return fd_.get(); }

 private:
  explicit BpfProgram(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

/// One filter at ingress or egress.
struct TcFilter {
  LinkIndex link{};
  bool egress = false;
  std::uint16_t priority = 0;
  std::uint32_t handle = 0;
  std::string kind;              ///< "bpf", "flower"…
  std::string name;              ///< of a bpf filter: TCA_BPF_NAME
  std::uint32_t program_id = 0;  ///< of a bpf filter
};

/// Every link with a clsact, and every filter that hangs on one.
Result<std::vector<LinkIndex>> clsact_links();
Result<std::vector<TcFilter>> clsact_filters(LinkIndex link);

/// EEXIST when there is one; an ingress qdisc of the old kind is another's, and is in its place.
Result<void> add_clsact(LinkIndex link);
/// Takes everything with it that hangs there: look before.
Result<void> remove_clsact(LinkIndex link);

/// At ingress, for every protocol, direct action. EEXIST when the place is taken.
Result<void> attach_program(const TcFilter& place, const BpfProgram& program);
/// The program at `place` becomes another in one go.
Result<void> exchange_program(const TcFilter& place, const BpfProgram& program);
Result<void> detach_program(const TcFilter& place);

/// What the maps of a program in the kernel hold. Bounded: at most 4096 entries a map. Needs
/// CAP_SYS_ADMIN in the first user namespace (ids are for all of the machine).
Result<MapContents> maps_of_program(std::uint32_t program_id);

/// Nothing when a tc program of two instructions can be loaded here; else the kernel's word.
Result<void> try_loading_program();

}  // namespace lvs::linux_net
