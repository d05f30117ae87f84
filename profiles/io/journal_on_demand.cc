#include "profiles/io/journal_on_demand.h"

namespace lvs::profiles {

Result<void> JournalOnDemand::open() {
  if (!file_) {
    LVS_TRY(JournalFile file, JournalFile::open(path_));
    file_.emplace(std::move(file));
  }
  if (!header_) return {};
  LVS_CHECK(file_->write(*header_));
  header_.reset();
  return {};
}

Result<void> JournalOnDemand::write(const JournalRecord& record) {
  LVS_CHECK(open());
  return file_->write(record);
}

Result<void> JournalOnDemand::reserve() {
  LVS_CHECK(open());
  return file_->reserve();
}

}  // namespace lvs::profiles
