#pragma once

#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "profiles/core/profile.h"
#include "profiles/host/host_part.h"
#include "tests/support/netns.h"

namespace lvs::test {

/// A host of a profile, with what must be there before lvskit comes, in a namespace of its own: its
/// NICs (veths whose other ends, wire0 and so on, are in a second namespace), their addresses, and
/// a profile file and a state folder. Much quicker than a lab.
class HostGround {
 public:
  /// nullptr: this process may not make network namespaces.
  static std::unique_ptr<HostGround> make(const std::filesystem::path& profile,
                                          const std::string& host);
  /// The same from the text of a profile.
  static std::unique_ptr<HostGround> make_from(const std::string& text, const std::string& host);
  HostGround(HostGround&&) = delete;
  HostGround& operator=(HostGround&&) = delete;
  HostGround(const HostGround&) = delete;
  HostGround& operator=(const HostGround&) = delete;
  ~HostGround();

  const Netns& netns() const { return netns_; }
  const Netns& wire() const { return wire_; }
  const host::HostOptions& options() const { return options_; }
  host::HostOptions& options() { return options_; }
  std::filesystem::path folder() const { return folder_; }
  /// succeeds() in the host's namespace, and in the other one.
  bool shell(const std::string& line) const;
  bool shell_on_wire(const std::string& line) const;
  std::string dump() const;

  struct Ran {
    ExitStatus status = ExitStatus::Bug;
    std::string out;
    std::string err;
  };
  using Command = ExitStatus (*)(const host::HostOptions&, std::ostream&, std::ostream&);
  Ran run(Command command) const;

 private:
  HostGround(Netns netns, Netns wire) : netns_(std::move(netns)), wire_(std::move(wire)) {}
  Netns netns_;
  Netns wire_;
  std::filesystem::path folder_;
  host::HostOptions options_;
};

/// One host for each role of each profile that is shipped, where anything is asked of it: "dr",
/// "rs1".
struct ShippedHost {
  std::string profile;
  std::string host;
};
std::vector<ShippedHost> shipped_hosts();
/// For the names of tests: "dr_rs1".
std::string name_of(const ShippedHost& host);
// NOLINTNEXTLINE(readability-identifier-naming): GoogleTest chose its name
inline void PrintTo(const ShippedHost& host, std::ostream* out) { *out << name_of(host); }

}  // namespace lvs::test
