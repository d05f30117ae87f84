#include "profiles/core/read/not_yet.h"

#include <algorithm>
#include <array>

#include "net/wire/addr_text.h"
#include "profiles/core/read/scalar.h"

namespace lvs::profiles::reading {
namespace {

/// True for a value that nothing acts on yet.
using Judgement = bool (*)(const Value& item);

bool is_any(const Value& /*item*/) { return true; }
bool is_not_packet(const Value& item) { return item.text != "packet"; }
bool is_not_one(const Value& item) { return item.integer != 1; }

/// A key, without the names that people choose ("host.arp", not "host.rs1.arp").
struct LaterKey {
  std::string_view path;
  Judgement is_later = is_any;
};

/// This is the whole list: a key leaves it in the commit that makes it work.
constexpr std::array kLaterKeys{
    LaterKey{"service.sorry_server"},
    LaterKey{"service.quorum"},
    LaterKey{"service.hysteresis"},
    LaterKey{"service.on_failure"},
    LaterKey{"service.check"},
    LaterKey{"check"},
    LaterKey{"host.vrrp"},
    LaterKey{"vrrp"},
    LaterKey{"engine.carrier", is_not_packet},
    LaterKey{"engine.workers", is_not_one},
    LaterKey{"engine.on_remove"},
    LaterKey{"control.writers"},
    LaterKey{"metrics"},
};

class Finder {
 public:
  std::vector<NotYet> run(const Value& root) {
    walk(root, "");
    std::stable_sort(found_.begin(), found_.end(), [](const NotYet& a, const NotYet& b) {
      return std::pair{a.where.line, a.where.column} < std::pair{b.where.line, b.where.column};
    });
    return std::move(found_);
  }

 private:
  void walk(const Value& value, const std::string& path) {
    for (const Value& item : value.items) walk(item, path);
    for (const Member& member : value.members) {
      const bool is_chosen_name = path == "host";
      const std::string deeper =
          is_chosen_name ? path : path + (path.empty() ? "" : ".") + member.key;
      is_chosen_name ? walk_host(member.value) : visit_member(member, deeper);
    }
  }

  void walk_host(const Value& host) {
    for (const Member& member : host.members) visit_member(member, "host." + member.key);
  }

  /// A key that comes later is one entry: what is below it comes with it.
  void visit_member(const Member& member, const std::string& path) {
    const auto* row =
        std::find_if(kLaterKeys.begin(), kLaterKeys.end(),
                     [&](const LaterKey& candidate) { return candidate.path == path; });
    if (row == kLaterKeys.end()) return walk(member.value, path);
    for (const Value& item : items_of(member.value)) {
      if (!row->is_later(item)) continue;
      const bool names_value = row->is_later != is_any && item.kind != Kind::Boolean;
      found_.push_back({path + (names_value ? " = " + found_text(item) : ""), member.where});
      return;
    }
  }

  std::vector<NotYet> found_;
};

}  // namespace

std::vector<NotYet> find_not_yet(const Value& root) { return Finder{}.run(root); }

}  // namespace lvs::profiles::reading
