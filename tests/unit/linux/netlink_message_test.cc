#include "net/linux/netlink_message.h"

#include <gtest/gtest.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <random>
#include <string_view>
#include <vector>

#include "net/linux/attributes.h"
#include "net/linux/netlink.h"
#include "net/linux/rtnetlink_parse.h"
#include "net/linux/rtnetlink_requests.h"

namespace lvs::linux_net {
namespace {

using Bytes = std::vector<std::uint8_t>;

const nlmsghdr& header_in(const Bytes& bytes) {
  return *static_cast<const nlmsghdr*>(static_cast<const void*>(bytes.data()));
}

/// A copy in a heap block of exactly its size, so that a sanitizer sees a read behind its end.
Bytes cut(const Request& request, std::size_t length) {
  Bytes bytes(request.bytes().begin(), request.bytes().begin() + static_cast<long>(length));
  nlmsghdr header{};
  std::memcpy(&header, bytes.data(), sizeof header);
  header.nlmsg_len = static_cast<std::uint32_t>(length);
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

Address some_address() {
  return {.link = LinkIndex{4},
          .addr = Ipv4Addr(10, 0, 0, 1),
          .prefix_len = 24,
          .scope = 0,
          .label = "eth0:1",
          .protocol = 76,
          .flags = IFA_F_NOPREFIXROUTE};
}

void put_some_link(Request& request) {
  put_link(request, LinkIndex{5}, IFF_UP, 0);
  request.attr(IFLA_IFNAME, std::string_view("eth0"));
  request.attr(IFLA_ADDRESS, MacAddr{{2, 0, 0, 0, 0, 9}});
  request.attr(IFLA_MTU, std::uint32_t{1500});
  nlattr* info = request.begin_nest(IFLA_LINKINFO);
  request.attr(IFLA_INFO_KIND, std::string_view("veth"));
  request.end_nest(info);
}

TEST(ParseAddress, ReadsWhatARequestSays) {
  Request request(RTM_NEWADDR, 0);
  put_address(request, some_address());
  EXPECT_EQ(parse_address(*request.header()), some_address());
}

TEST(ParseAddress, PrefersTheLocalAddressToThePeers) {
  Request request(RTM_NEWADDR, 0);
  auto& fixed = request.fixed<ifaddrmsg>();
  fixed.ifa_family = AF_INET;
  fixed.ifa_prefixlen = 32;
  request.attr(IFA_ADDRESS, IpAddr(Ipv4Addr(10, 0, 0, 2)));
  request.attr(IFA_LOCAL, IpAddr(Ipv4Addr(10, 0, 0, 1)));
  const auto address = parse_address(*request.header());
  ASSERT_TRUE(address);
  EXPECT_EQ(address->addr, IpAddr(Ipv4Addr(10, 0, 0, 1)));
}

TEST(ParseAddress, RefusesAPrefixLengthThatDoesNotFitTheFamily) {
  Request request(RTM_NEWADDR, 0);
  Address address = some_address();
  address.prefix_len = 33;
  put_address(request, address);
  EXPECT_EQ(parse_address(*request.header()), std::nullopt);
}

TEST(ParseLink, ReadsWhatARequestSays) {
  Request request(RTM_NEWLINK, 0);
  put_some_link(request);
  const auto link = parse_link(*request.header());
  ASSERT_TRUE(link);
  EXPECT_EQ(link->index, LinkIndex{5});
  EXPECT_EQ(link->name, "eth0");
  EXPECT_EQ(link->mac, (MacAddr{{2, 0, 0, 0, 0, 9}}));
  EXPECT_EQ(link->mtu, 1500U);
  EXPECT_EQ(link->kind, "veth");
}

TEST(ParseLink, ABridgePortThatLeavesIsNoLinkThatIsGone) {
  Request request(RTM_DELLINK, 0);
  put_some_link(request);
  EXPECT_TRUE(parse_event(*request.header())) << "the same message of AF_UNSPEC is one";
  static_cast<ifinfomsg*>(mnl_nlmsg_get_payload(request.header()))->ifi_family = AF_BRIDGE;
  EXPECT_FALSE(parse_event(*request.header()));
}

TEST(ParseRoute, ReadsWhatARequestSays) {
  Route route;
  route.destination = {Ipv4Addr(10, 1, 0, 0), 16};
  route.gateway = Ipv4Addr(10, 0, 0, 1);
  route.preferred_source = Ipv4Addr(10, 0, 0, 7);
  route.out = LinkIndex{3};
  route.table = 1000;
  route.protocol = 76;
  route.metric = 9;
  Request request(RTM_NEWROUTE, 0);
  put_route(request, route);
  EXPECT_EQ(parse_route(*request.header()), route);
}

TEST(ParseRoute, ReadsADefaultRouteOfIpv6WithAGateway) {
  Route route;
  route.destination = {Ipv6Addr{}, 0};
  route.gateway = Ipv6Addr({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  route.out = LinkIndex{3};
  Request request(RTM_NEWROUTE, 0);
  put_route(request, route);
  EXPECT_EQ(parse_route(*request.header()), route);
}

TEST(ParseRoute, ShowsTheFirstOfSeveralNextHops) {
  Request request(RTM_NEWROUTE, 0);
  request.fixed<rtmsg>().rtm_family = AF_INET;
  nlattr* hops = request.begin_nest(RTA_MULTIPATH);
  const Bytes first{16, 0, 0, 0, 6, 0, 0, 0, 8, 0, 5, 0, 10, 0, 0, 1};
  const Bytes second{16, 0, 0, 0, 7, 0, 0, 0, 8, 0, 5, 0, 10, 0, 0, 2};
  request.raw(first).raw(second);
  request.end_nest(hops);
  const auto route = parse_route(*request.header());
  ASSERT_TRUE(route);
  EXPECT_EQ(route->out, LinkIndex{6});
  EXPECT_EQ(route->gateway, IpAddr(Ipv4Addr(10, 0, 0, 1)));
}

TEST(ParseNeighbour, ReadsWhatARequestSays) {
  Neighbour neighbour;
  neighbour.link = LinkIndex{2};
  neighbour.addr = Ipv4Addr(10, 0, 0, 9);
  neighbour.mac = MacAddr{{2, 0, 0, 0, 0, 1}};
  neighbour.state = NUD_REACHABLE;
  neighbour.protocol = 76;
  Request request(RTM_NEWNEIGH, 0);
  put_neighbour(request, neighbour);
  EXPECT_EQ(parse_neighbour(*request.header()), neighbour);
}

TEST(ParseNeighbour, IgnoresTheForwardingTableOfABridge) {
  Request request(RTM_NEWNEIGH, 0);
  request.fixed<ndmsg>().ndm_family = AF_BRIDGE;
  request.attr(NDA_DST, IpAddr(Ipv4Addr(1, 2, 3, 4)));
  EXPECT_FALSE(parse_neighbour(*request.header()));
}

TEST(ParseEvent, SurvivesMessagesThatAreCutAnywhere) {
  Request address(RTM_NEWADDR, 0);
  put_address(address, some_address());
  Request link(RTM_NEWLINK, 0);
  put_some_link(link);
  for (const Request* request : {&address, &link})
    for (std::size_t length = sizeof(nlmsghdr); length < request->bytes().size(); ++length)
      static_cast<void>(parse_event(header_in(cut(*request, length))));
}

TEST(ParseEvent, SurvivesRandomBytes) {
  std::mt19937 random(20261121);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same bytes each time
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes(sizeof(nlmsghdr) + random() % 96);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random() % 20);
    nlmsghdr header{};
    header.nlmsg_len = static_cast<std::uint32_t>(bytes.size());
    header.nlmsg_type = static_cast<std::uint16_t>(RTM_NEWLINK + random() % 16);
    std::memcpy(bytes.data(), &header, sizeof header);
    if (bytes.size() > sizeof header && random() % 2 == 0) bytes[sizeof header] = AF_INET;
    static_cast<void>(parse_event(header_in(bytes)));
  }
}

TEST(Attributes, StopAtTheFirstThatDoesNotFit) {
  const Bytes bytes{5, 0, 1, 0, 42, 0, 0, 0, 200, 0, 2, 0, 1, 2, 3, 4};
  const Attributes attributes(bytes);
  EXPECT_EQ(attributes.u8(1), 42);
  EXPECT_FALSE(attributes.bytes(2));
}

TEST(Attributes, StopAtALengthShorterThanTheHead) {
  for (const int length : {0, 1, 3}) {
    const Bytes bytes{static_cast<std::uint8_t>(length), 0, 1, 0, 42, 0, 0, 0};
    EXPECT_FALSE(Attributes(bytes).bytes(1));
  }
}

TEST(Attributes, ANumberNeedsAllItsBytes) {
  const Bytes bytes{6, 0, 1, 0, 1, 2, 0, 0};
  const Attributes attributes(bytes);
  EXPECT_EQ(attributes.u16(1), 0x0201);
  EXPECT_FALSE(attributes.u32(1));
  EXPECT_FALSE(attributes.addr(1));
  EXPECT_FALSE(attributes.mac(1));
}

TEST(Attributes, ATextEndsAtItsNulOrItsEnd) {
  const Bytes bytes{7, 0, 1, 0, 'a', 0, 'b', 0, 6, 0, 2, 0, 'c', 'd', 0, 0};
  const Attributes attributes(bytes);
  EXPECT_EQ(attributes.text(1), "a");
  EXPECT_EQ(attributes.text(2), "cd");
  EXPECT_FALSE(attributes.text(3));
}

TEST(MessageReader, StopsAtAMessageThatDoesNotFit) {
  Bytes bytes(40);
  bytes[0] = 16;
  bytes[16] = 200;
  MessageReader reader(bytes);
  EXPECT_NE(reader.next(), nullptr);
  EXPECT_EQ(reader.next(), nullptr);
}

TEST(MessageReader, StopsAtALengthOfZero) {
  const Bytes bytes(64);
  EXPECT_EQ(MessageReader(bytes).next(), nullptr);
}

/// NLMSG_ERROR with errno, the request echoed (unless capped) and a sentence.
Bytes error_message(int error, bool capped, std::string_view sentence) {
  Request request(NLMSG_ERROR, 0);
  auto& fixed = request.fixed<nlmsgerr>();
  fixed.error = -error;
  fixed.msg.nlmsg_len = 24;
  if (!capped) request.raw(Bytes(8));
  if (!sentence.empty()) request.attr(NLMSGERR_ATTR_MSG, sentence);
  request.header()->nlmsg_flags =
      static_cast<std::uint16_t>((capped ? NLM_F_CAPPED : 0) | NLM_F_ACK_TLVS);
  return {request.bytes().begin(), request.bytes().end()};
}

TEST(ParseError, ReadsTheKernelsSentenceBehindAnEchoOrWithoutOne) {
  for (const bool capped : {true, false}) {
    const Bytes bytes = error_message(EEXIST, capped, "ipv4: Address already assigned");
    const KernelAnswer answer = parse_error(header_in(bytes));
    EXPECT_EQ(answer.error, EEXIST);
    EXPECT_EQ(describe(answer), "ipv4: Address already assigned (File exists)");
  }
}

TEST(ParseError, DoesWithoutASentence) {
  EXPECT_EQ(describe(parse_error(header_in(error_message(EPERM, true, "")))),
            "Operation not permitted");
}

TEST(ParseError, AMessageThatIsTooShortIsAnError) {
  Bytes bytes = error_message(0, true, "");
  bytes[0] = 20;
  EXPECT_EQ(parse_error(header_in(bytes)).error, EPROTO);
}

}  // namespace
}  // namespace lvs::linux_net
