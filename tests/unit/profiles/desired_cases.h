#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "net/base/overload.h"
#include "net/wire/addr_text.h"
#include "profiles/core/desired.h"
#include "profiles/core/read.h"

// Shipped profiles, with some text of theirs replaced, and what they ask of a host in words.

namespace lvs::profiles {

inline std::filesystem::path shipped_folder() {
  return std::filesystem::path{LVSKIT_SOURCE_DIR} / "profiles";
}

inline std::string shipped_text(const std::string& name) {
  std::ifstream file{shipped_folder() / (name + ".toml")};
  return {std::istreambuf_iterator<char>{file}, {}};
}

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

inline Profile profile_of(const std::string& text) {
  ReadResult result = read_profile(text, "test.toml");
  for (const ProfileError& error : result.errors) ADD_FAILURE() << to_string(error);
  return std::move(result.profile);
}

inline Abilities able(bool devices, bool bpf) {
  Abilities can;
  for (Ability* kind : {&can.ipip, &can.sit, &can.ip6tnl})
    *kind = {devices, devices ? "is there" : "no module"};
  can.bpf = {bpf, bpf ? "allowed" : "not permitted"};
  return can;
}

inline std::string tell(const Wish& wish) {
  return std::visit(
      Overload{
          [](const SysctlWish& w) { return w.key + "=" + w.value; },
          [](const EffectiveWish& w) {
            return "effective " + w.rule.setting + " on " + w.rule.link + ": " +
                   list_of(w.rule.accepted);
          },
          [](const LowerWish& w) { return "lower " + w.setting + " on " + w.link; },
          [](const AddressWish& w) {
            return lvs::to_string(w.addr) + " on " + w.link + (w.no_dad ? " at once" : "");
          },
          [](const DefaultRouteWish& w) {
            return "default via " + lvs::to_string(w.gateway) + " dev " + w.link;
          },
          [](const AcceptWish& w) {
            return "pass " + to_string(w.hook) + ": " + describe(w.match) + " [" + w.comment + "]";
          },
          [](const StaticNeighbourWish& w) {
            return "static " + lvs::to_string(w.addr) + " dev " + w.link + " as " +
                   lvs::to_string(w.owner);
          },
          [](const Forward6Wish&) { return std::string("forward IPv6"); },
          [](const ProofWish& w) { return describe(w.step); },
          []<typename T>(const ObjectWish<T>& w) { return describe(w.object); },
      },
      wish);
}

inline std::vector<std::string> told(const Desired& desired) {
  std::vector<std::string> lines;
  for (const Wish& wish : desired.wishes) lines.push_back(tell(wish));
  return lines;
}

/// Those lines that hold a text.
inline std::vector<std::string> lines_with(const Desired& desired, const std::string& text) {
  std::vector<std::string> found;
  for (const std::string& line : told(desired))
    if (line.find(text) != std::string::npos) found.push_back(line);
  return found;
}

inline Desired desire_on(const std::string& text, const char* host, Role role,
                         const Abilities& can = {}) {
  const Profile profile = profile_of(text);
  const Host* self = profile.host(host);
  return self == nullptr ? Desired{} : desire(profile, *self, role, can);
}

using Lines = std::vector<std::string>;

}  // namespace lvs::profiles
