#include "profiles/core/snapshot.h"

#include <algorithm>

namespace lvs::profiles {
namespace {

template <typename T>
void merge(std::vector<T>& into, const std::vector<T>& more) {
  into.insert(into.end(), more.begin(), more.end());
  std::sort(into.begin(), into.end());
  into.erase(std::unique(into.begin(), into.end()), into.end());
}

}  // namespace

void Look::take(const Look& other) {
  merge(sysctls, other.sysctls);
  merge(files, other.files);
  merge(resolve, other.resolve);
  firewall = firewall || other.firewall;
  decap = decap || other.decap;
}

}  // namespace lvs::profiles
