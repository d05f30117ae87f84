#include "profiles/host/recover.h"

#include "net/base/counted.h"
#include "profiles/host/failure.h"
#include "profiles/host/guard.h"

namespace lvs::host {

std::string listed(const std::string& title, const std::vector<std::string>& items) {
  std::string text = title;
  for (const std::string& item : items) text += "\n  " + item;
  return text;
}

HostResult<std::vector<std::string>> recover(const profiles::Ground& ground) {
  std::vector<std::string> notes;
  const profiles::Journal& journal = ground.log.journal();
  if (!journal.unfinished()) return notes;
  const bool whole = journal.awaiting() != nullptr;
  const std::string what =
      whole ? "an apply that was not confirmed" : "an apply that did not finish";
  std::optional<profiles::Armed> armed;
  if (journal.armed() != nullptr) armed = *journal.armed();
  const profiles::TakenBack back = profiles::roll_back(ground, whole ? "not confirmed" : "died");
  if (armed) end_process(armed->guard);
  if (!back.failed.empty()) {
    HostFailure failure{ExitStatus::Incomplete,
                        listed(what + " could not be rolled back:", back.failed)};
    failure.left = back.failed;
    return refuse(std::move(failure));
  }
  notes.push_back(what + " was rolled back (" + counted(back.undone.size(), "change") + ")");
  for (const std::string& left : back.left) notes.push_back("left as it is: " + left);
  if (!back.unrecorded.empty()) {
    return refuse(ExitStatus::Failed,
                  listed(notes.front() + ", but that could not be written down:", back.unrecorded));
  }
  return notes;
}

}  // namespace lvs::host
