#include "director/io/filter/tap_filter.h"

#include <utility>

#include "director/io/filter/service_filter.h"
#include "net/linux/socket_filter.h"

namespace lvs::director {

Result<TapFilter> tap_filter(const Selection& selection, const std::string& link) {
  constexpr std::size_t finest = 1024;
  std::vector<sock_filter> exact = exact_filter(selection, link);
  auto tried = linux_net::try_filter(exact);
  if (tried) return TapFilter{std::move(exact), {}};
  for (std::size_t most = finest; most > 0; most /= 2) {
    std::vector<sock_filter> rough = rough_filter(selection, link, most);
    tried = linux_net::try_filter(rough);
    if (tried) return TapFilter{std::move(rough), std::move(exact)};
  }
  return tl::unexpected(std::move(tried).error());
}

}  // namespace lvs::director
