#include "tests/support/ipvs_model/scheduler.h"

namespace lvs::test {

std::unique_ptr<ModelScheduler> make_model_scheduler(const std::string& name,
                                                     const ServerPointers& list) {
  if (auto walking = make_walking_scheduler(name, list)) return walking;
  if (auto hashing = make_hashing_scheduler(name, list)) return hashing;
  return make_locality_scheduler(name);
}

}  // namespace lvs::test
