#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "profiles/core/planner.h"

// A plan in the making. Each kind of wish has its function; they stand in the files of this folder,
// by what they are about.

namespace lvs::profiles {

class Planning {
 public:
  explicit Planning(const PlanInput& input)
      : in_(input), present_(input.snapshot), next_number_(input.next_number) {}

  Plan run();

 private:
  // facts.cc: what must hold before anything, and what is ours and no longer wanted
  void look_for_facts();
  void drop_what_is_unwanted();

  // sysctls.cc
  void want(const SysctlWish& wish);
  void want(const EffectiveWish& wish);
  void want(const LowerWish& wish);
  void want(const Forward6Wish& wish);
  bool is_wanted_so(const std::string& link, const std::string& setting) const;
  void keep_what_all_said(const LowerWish& wish, const std::string& link,
                          const std::string& ruling);
  void keep_for_later_links(const LowerWish& wish, const std::string& ruling);
  /// The values of our list that every other profile here accepts as well.
  std::vector<std::string> agreed(const std::string& key, const std::vector<std::string>& accepted);
  void set_sysctl(const std::string& key, const std::string& value, const std::string& why);

  // addresses.cc
  void want(const AddressWish& wish);
  std::string label_for(const AddressWish& wish) const;

  // routes.cc
  void want(const DefaultRouteWish& wish);

  // neighbours.cc
  void want(const StaticNeighbourWish& wish);

  // firewall.cc
  void want(const AcceptWish& wish);

  void want(const ProofWish& wish) { plan_.steps.push_back({wish.step, wish.why}); }

  /// Objects that must be just so.
  template <typename T>
  void want(const ObjectWish<T>& wish) {
    const T* in_its_place = nullptr;
    for (const T& present : list_of_kind<T>(present_)) {
      if (!same_place(present, wish.object)) continue;
      if (serves(present, wish.object)) return share(Add<T>{present}, wish.why);
      in_its_place = &present;
    }
    if (in_its_place == nullptr) return make(Add<T>{wish.object}, wish.why);
    const T before = *in_its_place;
    if (owned(Add<T>{wish.object}) == nullptr) return conflict(before, wish.object);
    if constexpr (kIsReplaced<T>) {
      make(Replace<T>{before, wish.object}, wish.why);
    } else {
      conflict(before, wish.object);
    }
  }
  template <typename T>
  void conflict(const T& present, const T& wanted) {
    plan_.conflicts.push_back(describe(present) + " is there already, the profile wants " +
                              describe(wanted));
  }

  /// Notes that an object which another profile of ours made is wanted here too, or that somebody
  /// else's is used.
  void share(const Step& step, const std::string& why);
  /// The entry of this profile's journal that the step is about, unless this plan dropped it.
  const JournalEntry* owned(const Step& step) const;
  const JournalEntry* owned_by_others(const Step& step) const;
  /// True when this plan makes or notes the object already.
  bool is_planned(const Step& step) const;
  void make(const Step& step, const std::string& why, bool record_only = false);

  const PlanInput& in_;
  Snapshot present_;  ///< as it will be after the steps so far
  std::uint64_t next_number_;
  Plan plan_;
};

/// True when this entry of our journal is what the wish asks for (present on the host or not).
bool is_wanted_by(const Wish& wish, const Step& made);

}  // namespace lvs::profiles
