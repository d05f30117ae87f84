#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "director/core/config.h"
#include "tests/support/ipvs_model/packet.h"
#include "tests/support/ipvs_model/server.h"

// The schedulers of facts 1.2 to 1.6 as walks over the list of a service, the newest server first.

namespace lvs::test {

enum class ListChange : std::uint8_t { Added, Removed, Edited };

class ModelScheduler {
 public:
  ModelScheduler() = default;
  virtual ~ModelScheduler() = default;
  ModelScheduler(const ModelScheduler&) = delete;
  ModelScheduler& operator=(const ModelScheduler&) = delete;
  ModelScheduler(ModelScheduler&&) = delete;
  ModelScheduler& operator=(ModelScheduler&&) = delete;

  /// Null: no server may take the packet's flow.
  virtual ServerPointer pick(const ServerPointers& list, const ModelPacket& packet,
                             director::SchedulerFlags flags) = 0;
  virtual void before_removal(const ServerPointers&, const ServerPointer&) {}
  virtual void changed(const ServerPointers&, ListChange) {}
};

/// A scheduler put over servers that may be there already. Null: no such name.
std::unique_ptr<ModelScheduler> make_model_scheduler(const std::string& name,
                                                     const ServerPointers& list);

/// The one of least overhead (256 × active + inactive) by weight; the first keeps ties.
ServerPointer pick_weighted_least(const ServerPointers& list);

// One file each.
std::unique_ptr<ModelScheduler> make_walking_scheduler(const std::string& name,
                                                       const ServerPointers& list);
std::unique_ptr<ModelScheduler> make_hashing_scheduler(const std::string& name,
                                                       const ServerPointers& list);
std::unique_ptr<ModelScheduler> make_locality_scheduler(const std::string& name);

}  // namespace lvs::test
