#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "net/linux/rtnetlink.h"
#include "net/linux/rtnetlink_dump.h"
#include "net/linux/rtnetlink_parse.h"
#include "net/linux/rtnetlink_requests.h"
#include "net/wire/addr_text.h"

namespace lvs::linux_net {
namespace {

std::optional<Neighbour> parse_learnt_neighbour(const nlmsghdr& message) {
  auto neighbour = parse_neighbour(message);
  // Strict dumps without NTF_PROXY leave these out themselves; older kernels may not.
  if (neighbour && (neighbour->flags & NTF_PROXY) != 0) return std::nullopt;
  return neighbour;
}

std::optional<Neighbour> parse_proxy(const nlmsghdr& message) {
  auto neighbour = parse_neighbour(message);
  if (neighbour && (neighbour->flags & NTF_PROXY) == 0) return std::nullopt;
  return neighbour;
}

}  // namespace

Result<std::vector<Neighbour>> RouteSocket::neighbours() {
  Request request(RTM_GETNEIGH, 0);
  request.fixed<ndmsg>();
  return collect<Neighbour>(socket_, request, "read the neighbours", parse_learnt_neighbour);
}

Result<std::vector<Neighbour>> RouteSocket::proxy_neighbours() {
  Request request(RTM_GETNEIGH, 0);
  request.fixed<ndmsg>().ndm_flags = NTF_PROXY;
  return collect<Neighbour>(socket_, request, "read the proxy neighbours", parse_proxy);
}

Result<void> RouteSocket::add_neighbour(const Neighbour& neighbour) {
  Request request(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL);
  put_neighbour(request, neighbour);
  return carry_out(
      request, "add the neighbour " + to_string(neighbour.addr) + " on " + name_of(neighbour.link));
}

Result<void> RouteSocket::replace_neighbour(const Neighbour& neighbour) {
  Request request(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
  put_neighbour(request, neighbour);
  return carry_out(request, "replace the neighbour " + to_string(neighbour.addr) + " on " +
                                name_of(neighbour.link));
}

Result<void> RouteSocket::remove_neighbour(const Neighbour& neighbour) {
  Request request(RTM_DELNEIGH, 0);
  put_neighbour(request, neighbour);
  return carry_out(request, "remove the neighbour " + to_string(neighbour.addr) + " from " +
                                name_of(neighbour.link));
}

Result<void> RouteSocket::ask_neighbour(LinkIndex link, const IpAddr& address) {
  Neighbour neighbour;
  neighbour.link = link;
  neighbour.addr = address;
  neighbour.flags = NTF_USE;
  Request request(RTM_NEWNEIGH, NLM_F_CREATE);  // no NLM_F_EXCL: a stale entry is asked again
  put_neighbour(request, neighbour);
  const auto asked = socket_.transact(request);
  // Named only on failure: the engine asks often, and a name costs a dump.
  if (!asked)
    return fail_within("resolve " + to_string(address) + " on " + name_of(link), asked.error());
  return {};
}

}  // namespace lvs::linux_net
