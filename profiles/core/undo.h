#pragma once

#include <optional>
#include <string>
#include <vector>

#include "profiles/core/journal.h"
#include "profiles/core/snapshot.h"
#include "profiles/core/step.h"

namespace lvs::profiles {

/// Back to what a step found (a roll-back), or to what was there before lvskit came (revert).
enum class UndoGoal : std::uint8_t { RollBack, Revert };

/// What taking a step back means on the host as it is now.
struct Undo {
  std::optional<Step> step;  ///< to be carried out; nullopt: nothing to do
  std::string left;          ///< not empty: somebody changed the object after us; it stays, and why
};

/// Decides it by the object's exact identity (label and protocol included), so that a foreign twin
/// survives. An object that is gone already needs nothing.
Undo decide_undo(const Step& step, UndoGoal goal, const Snapshot& now);

/// True when one of the journals holds the object of `step` too: it must stay until the last of
/// them goes.
bool held_by_others(const Step& step, const std::vector<Journal>& others);

/// What undoing the journal's steps needs to see.
Look look_for(const Journal& journal);

}  // namespace lvs::profiles
