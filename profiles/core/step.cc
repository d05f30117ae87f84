#include "profiles/core/step.h"

#include <algorithm>

#include "net/base/joined.h"
#include "net/base/overload.h"
#include "net/base/sysctl_name.h"
#include "net/wire/addr_text.h"

namespace lvs::profiles {
namespace {

std::string tell_probe(const ArpProbe& probe) {
  const bool v4 = probe.control.is_v4();
  return (v4 ? "ARP probe on " : "neighbour probe on ") + probe.link +
         (v4 ? ": who-has " : ": solicitation of ") + joined(probe.vips) +
         " must stay unanswered (control: " + to_string(probe.control) + " must be answered)";
}

std::string tell_announce(const Announce& announce) {
  const bool v4 = announce.vips.empty() || announce.vips.front().is_v4();
  return "announce " + joined(announce.vips) + " on " + announce.link +
         (v4 ? " (gratuitous ARP)" : " (neighbour advertisement)");
}

std::string tell_tunnel_probe(const TunnelProbe& probe) {
  return "tunnel probe on " + probe.link + ": a packet from " + to_string(probe.director) + " to " +
         to_string(probe.target.outer) + " must bring its inner packet to " + to_string(probe.vip);
}

template <typename T>
void erase_object(std::vector<T>& items, const T& object) {
  const auto exact = std::find_if(items.begin(), items.end(),
                                  [&](const T& item) { return is_as_made(item, object); });
  if (exact != items.end()) items.erase(exact);
}

}  // namespace

std::string describe(const Step& step) {
  return std::visit(
      Overload{
          [](const SetSysctl& s) { return "set " + dotted(s.key) + " = " + s.value; },
          []<typename T>(const Add<T>& s) { return "add " + describe(s.object); },
          []<typename T>(const Remove<T>& s) { return "remove " + describe(s.object); },
          []<typename T>(const Replace<T>& s) { return "change to " + describe(s.after); },
          [](const ReadBackEffective& s) {
            return "read back effective " + s.rule.setting + " on " + s.rule.link + " (must be " +
                   list_of(s.rule.accepted) + ")";
          },
          [](const ArpProbe& s) { return tell_probe(s); },
          [](const Announce& s) { return tell_announce(s); },
          [](const TunnelProbe& s) { return tell_tunnel_probe(s); },
          [](const SettleSysctl& s) {
            return "wait until udev leaves " + s.link + " alone (" + dotted(s.key) + " stays " +
                   s.value + ")";
          },
      },
      step);
}

std::string diff_text(const Step& step) {
  return std::visit(Overload{
                        [](const SetSysctl& s) {
                          return dotted(s.key) + (s.before == s.value
                                                      ? " stays " + s.value
                                                      : ": " + s.before + " -> " + s.value);
                        },
                        []<typename T>(const Add<T>& s) { return describe(s.object); },
                        []<typename T>(const Remove<T>& s) { return describe(s.object); },
                        []<typename T>(const Replace<T>& s) {
                          return describe(s.before) + " -> " + describe(s.after);
                        },
                        [&](const auto&) { return describe(step); },
                    },
                    step);
}

char diff_sign(const Step& step) {
  return std::visit(Overload{
                        []<typename T>(const Add<T>&) { return '+'; },
                        []<typename T>(const Remove<T>&) { return '-'; },
                        []<typename T>(const Replace<T>&) { return '~'; },
                        [](const SetSysctl&) { return '~'; },
                        [](const auto&) { return '?'; },
                    },
                    step);
}

std::optional<Step> inverse(const Step& step) {
  using Inverse = std::optional<Step>;
  return std::visit(Overload{
                        [](const SetSysctl& s) -> Inverse {
                          return SetSysctl{s.key, s.before, s.value, s.original};
                        },
                        []<typename T>(const Add<T>& s) -> Inverse { return Remove<T>{s.object}; },
                        []<typename T>(const Remove<T>& s) -> Inverse { return Add<T>{s.object}; },
                        []<typename T>(const Replace<T>& s) -> Inverse {
                          return Replace<T>{s.after, s.before};
                        },
                        [](const auto&) -> Inverse { return std::nullopt; },
                    },
                    step);
}

bool changes_host(const Step& step) { return inverse(step).has_value(); }

std::string object_of(const Step& step) {
  const auto named = []<typename T>(const T& object) {
    return std::string(Kind<T>::kName) + " " + identity(object);
  };
  return std::visit(Overload{
                        [](const SetSysctl& s) { return "sysctl " + s.key; },
                        [&]<typename T>(const Add<T>& s) { return named(s.object); },
                        [&]<typename T>(const Remove<T>& s) { return named(s.object); },
                        [&]<typename T>(const Replace<T>& s) { return named(s.after); },
                        [&](const auto&) { return describe(step); },
                    },
                    step);
}

void carry_out_on(Snapshot& snapshot, const Step& step) {
  std::visit(
      Overload{
          [&](const SetSysctl& s) { snapshot.sysctls[s.key] = s.value; },
          [&]<typename T>(const Add<T>& s) { list_of_kind<T>(snapshot).push_back(s.object); },
          [&]<typename T>(const Remove<T>& s) {
            erase_object(list_of_kind<T>(snapshot), s.object);
          },
          [&]<typename T>(const Replace<T>& s) {
            erase_object(list_of_kind<T>(snapshot), s.before);
            list_of_kind<T>(snapshot).push_back(s.after);
          },
          [](const auto&) {},
      },
      step);
  // A device brings its name with it and takes it away.
  if (const auto* made = std::get_if<Add<TunnelFact>>(&step))
    snapshot.links.push_back(made->object.link);
  if (const auto* gone = std::get_if<Remove<TunnelFact>>(&step))
    std::erase(snapshot.links, gone->object.link);
}

namespace {

template <typename T>
Look look_for_object(const T& object) {
  Look look;
  if constexpr (std::is_same_v<T, FileFact>) look.files.push_back(object.path);
  if constexpr (std::is_same_v<T, ForeignRule>) look.firewall = true;
  look.decap = std::is_same_v<T, ClsactFact> || std::is_same_v<T, DecapFilter> ||
               std::is_same_v<T, DecapProcess>;
  if constexpr (std::is_same_v<T, Forward6Fact>)
    for (const auto& [key, value] : object.before) look.sysctls.push_back(key);
  return look;
}

}  // namespace

Look look_for(const Step& step) {
  return std::visit(Overload{
                        [](const SetSysctl& s) {
                          Look look;
                          look.sysctls.push_back(s.key);
                          return look;
                        },
                        []<typename T>(const Add<T>& s) { return look_for_object(s.object); },
                        []<typename T>(const Remove<T>& s) { return look_for_object(s.object); },
                        []<typename T>(const Replace<T>& s) { return look_for_object(s.after); },
                        [](const auto&) { return Look{}; },
                    },
                    step);
}

}  // namespace lvs::profiles
