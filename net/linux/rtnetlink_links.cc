#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <cerrno>

#include "net/linux/rtnetlink.h"
#include "net/linux/rtnetlink_requests.h"
#include "net/wire/addr_text.h"

// The part of RouteSocket that makes and changes links.

namespace lvs::linux_net {
namespace {

Result<void> check_link_name(std::string_view name, const std::string& what) {
  if (!name.empty() && name.size() < IFNAMSIZ) return {};
  return fail(what + ": a link's name has 1 to 15 bytes", EINVAL);
}

}  // namespace

Result<void> RouteSocket::add_bridge(std::string_view name) {
  const std::string what = "make the bridge " + std::string(name);
  LVS_CHECK(check_link_name(name, what));
  Request request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  put_bridge(request, name);
  return carry_out(request, what);
}

Result<void> RouteSocket::add_veth(std::string_view name, std::string_view peer,
                                   int peer_netns_fd) {
  const std::string what = "make the veth pair " + std::string(name) + " and " + std::string(peer);
  LVS_CHECK(check_link_name(name, what));
  LVS_CHECK(check_link_name(peer, what));
  Request request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  put_veth(request, name, peer, peer_netns_fd);
  return carry_out(request, what);
}

Result<void> RouteSocket::remove_link(LinkIndex link) {
  const std::string what = "remove " + name_of(link);
  Request request(RTM_DELLINK, 0);
  put_link(request, link);
  return carry_out(request, what);
}

Result<void> RouteSocket::set_up(LinkIndex link) {
  Request request(RTM_NEWLINK, 0);
  put_link(request, link, IFF_UP, IFF_UP);
  return carry_out(request, "set " + name_of(link) + " up");
}

Result<void> RouteSocket::set_down(LinkIndex link) {
  Request request(RTM_NEWLINK, 0);
  put_link(request, link, 0, IFF_UP);
  return carry_out(request, "set " + name_of(link) + " down");
}

Result<void> RouteSocket::set_master(LinkIndex link, LinkIndex master) {
  Request request(RTM_NEWLINK, 0);
  put_link(request, link);
  request.attr(IFLA_MASTER, master.number);
  return carry_out(request, "make " + name_of(link) + " a port of " + name_of(master));
}

Result<void> RouteSocket::set_mac(LinkIndex link, const MacAddr& mac) {
  Request request(RTM_NEWLINK, 0);
  put_link(request, link);
  request.attr(IFLA_ADDRESS, mac);
  return carry_out(request, "give " + name_of(link) + " the MAC address " + to_string(mac));
}

Result<void> RouteSocket::set_alias(LinkIndex link, std::string_view alias) {
  Request request(RTM_NEWLINK, 0);
  put_link(request, link);
  request.attr(IFLA_IFALIAS, alias);
  return carry_out(request, "give " + name_of(link) + " the alias " + std::string(alias));
}

}  // namespace lvs::linux_net
