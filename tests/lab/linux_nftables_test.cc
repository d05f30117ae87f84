#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/netfilter.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "net/linux/fd.h"
#include "net/linux/nftables.h"
#include "net/linux/packet_socket.h"
#include "net/linux/process.h"
#include "tests/lab/linux_support.h"

namespace lvs::linux_net {
namespace {

constexpr std::uint8_t kNetdev = NFPROTO_NETDEV;
constexpr Ipv4Addr kVip(10, 0, 0, 2);
constexpr ServiceTuple kHttp{Protocol::Tcp, kVip, Port{80}};
constexpr ServiceTuple kDns{Protocol::Udp, kVip, Port{53}};

/// What a director does on one link: services and fragments to their addresses are dropped.
NftBatch withholding(const std::string& table, const std::string& on) {
  NftBatch batch;
  batch.add_table(kNetdev, table, "lvskit:web:withhold");
  batch.add_service_set(kNetdev, table, "services");
  batch.add_address_set(kNetdev, table, "addresses");
  batch.add_ingress_chain(table, "ingress", on, -10);
  batch.drop_services({kNetdev, table, "ingress", "lvskit:web:services"}, Family::Ipv4, "services");
  batch.drop_fragments_to({kNetdev, table, "ingress", "lvskit:web:fragments"}, Family::Ipv4,
                          "addresses");
  batch.add_services(kNetdev, table, "services", std::array{kHttp, kDns});
  batch.add_addresses(kNetdev, table, "addresses", std::array{IpAddr{kVip}});
  return batch;
}

class Nftables : public OwnNamespace {
 protected:
  static NftTable only_table() {
    const auto tables = find_tables("lvskit_");
    EXPECT_TRUE(tables) << tables.error().what;
    EXPECT_EQ(tables->size(), 1U);
    return tables->empty() ? NftTable{} : tables->front();
  }
  static std::string ruleset() {
    const auto listed =
        run_program({.path = "nft", .args = {"list", "ruleset"}}, std::chrono::seconds(30));
    EXPECT_TRUE(listed) << listed.error().what;
    return listed ? listed->out : "";
  }
};

TEST_F(Nftables, NftPrintsItAsAPersonWouldHaveWrittenIt) {
  const auto done = withholding("lvskit_web", "lo").commit();
  ASSERT_TRUE(done) << done.error().what;
  NftBatch one_service;  // nft prints elements in the order of a hash with a random seed
  one_service.remove_services(kNetdev, "lvskit_web", "services", std::array{kDns});
  ASSERT_TRUE(one_service.commit());
  EXPECT_EQ(ruleset(),
            "table netdev lvskit_web {\n"
            "\tcomment \"lvskit:web:withhold\"\n"
            "\tset services {\n"
            "\t\ttype inet_proto . ipv4_addr . inet_service\n"
            "\t\telements = { tcp . 10.0.0.2 . 80 }\n"
            "\t}\n"
            "\n"
            "\tset addresses {\n"
            "\t\ttype ipv4_addr\n"
            "\t\telements = { 10.0.0.2 }\n"
            "\t}\n"
            "\n"
            "\tchain ingress {\n"
            "\t\ttype filter hook ingress device \"lo\" priority filter - 10; policy accept;\n"
            "\t\tmeta l4proto . ip daddr . th dport @services counter packets 0 bytes 0 drop "
            "comment \"lvskit:web:services\"\n"
            "\t\tip daddr @addresses ip frag-off & 16383 != 0 counter packets 0 bytes 0 drop "
            "comment \"lvskit:web:fragments\"\n"
            "\t}\n"
            "}\n");
}

/// IPv6 services and the replies of a nat server, both on lo.
NftBatch withholding6() {
  const IpAddr vip = Ipv6Addr{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x99}};
  NftBatch batch;
  batch.add_table(kNetdev, "lvskit_six", "");
  batch.add_ingress_chain("lvskit_six", "ingress", "lo", 0);
  batch.add_service_set(kNetdev, "lvskit_six", "services6", Family::Ipv6);
  batch.add_address_set(kNetdev, "lvskit_six", "fragments6", Family::Ipv6);
  batch.add_service_set(kNetdev, "lvskit_six", "replies");
  batch.add_address_set(kNetdev, "lvskit_six", "servers");
  batch.add_address_set(kNetdev, "lvskit_six", "own");
  batch.add_services(kNetdev, "lvskit_six", "services6",
                     std::array{ServiceTuple{Protocol::Tcp, vip, Port{80}}});
  batch.add_addresses(kNetdev, "lvskit_six", "fragments6", std::array{vip});
  batch.add_services(kNetdev, "lvskit_six", "replies", std::array{kHttp});
  const IpAddr server = Ipv4Addr(10, 0, 0, 2);
  batch.add_addresses(kNetdev, "lvskit_six", "servers", std::array{server});
  batch.add_addresses(kNetdev, "lvskit_six", "own", std::array{IpAddr{Ipv4Addr(10, 0, 0, 1)}});
  const RulePlace place{kNetdev, "lvskit_six", "ingress", ""};
  batch.drop_fragments_to(place, Family::Ipv6, "fragments6");
  batch.drop_services(place, Family::Ipv6, "services6");
  batch.drop_replies(place, Family::Ipv4, "replies", "own");
  batch.drop_fragments_from(place, Family::Ipv4, "servers", "own");
  batch.drop_errors_about(place, server, "own");
  return batch;
}

TEST_F(Nftables, NftPrintsIpv6AndRepliesAsAPersonWouldHaveWrittenThem) {
  const auto done = withholding6().commit();
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(ruleset(),
            "table netdev lvskit_six {\n"
            "\tset services6 {\n"
            "\t\ttype inet_proto . ipv6_addr . inet_service\n"
            "\t\telements = { tcp . 2001:db8::99 . 80 }\n"
            "\t}\n"
            "\n"
            "\tset fragments6 {\n"
            "\t\ttype ipv6_addr\n"
            "\t\telements = { 2001:db8::99 }\n"
            "\t}\n"
            "\n"
            "\tset replies {\n"
            "\t\ttype inet_proto . ipv4_addr . inet_service\n"
            "\t\telements = { tcp . 10.0.0.2 . 80 }\n"
            "\t}\n"
            "\n"
            "\tset servers {\n"
            "\t\ttype ipv4_addr\n"
            "\t\telements = { 10.0.0.2 }\n"
            "\t}\n"
            "\n"
            "\tset own {\n"
            "\t\ttype ipv4_addr\n"
            "\t\telements = { 10.0.0.1 }\n"
            "\t}\n"
            "\n"
            "\tchain ingress {\n"
            "\t\ttype filter hook ingress device \"lo\" priority filter; policy accept;\n"
            "\t\tip6 daddr @fragments6 exthdr frag exists counter packets 0 bytes 0 drop\n"
            "\t\tmeta l4proto . ip6 daddr . th dport @services6 counter packets 0 bytes 0 drop\n"
            "\t\tmeta l4proto . ip saddr . th sport @replies ip daddr != @own counter packets 0 "
            "bytes 0 drop\n"
            "\t\tip saddr @servers ip frag-off & 16383 != 0 ip daddr != @own counter packets 0 "
            "bytes 0 drop\n"
            "\t\ticmp type 3-11 @th,192,32 0xa000002 ip daddr != @own counter packets 0 bytes 0 "
            "drop\n"
            "\t}\n"
            "}\n");
  const NftTable table = only_table();
  ASSERT_EQ(table.sets.size(), 5U);
  EXPECT_EQ(table.sets[0].name, "fragments6");
  EXPECT_EQ(table.sets[1].addresses, std::vector{IpAddr{Ipv4Addr(10, 0, 0, 1)}});
  EXPECT_EQ(table.sets[2].services, std::vector{kHttp});
  EXPECT_EQ(table.sets[3].addresses, std::vector{IpAddr{Ipv4Addr(10, 0, 0, 2)}});
  EXPECT_EQ(table.sets[4].services.size(), 1U);
  EXPECT_FALSE(table.sets[4].services.front().addr.is_v4());
}

TEST_F(Nftables, IsReadBack) {
  ASSERT_TRUE(withholding("lvskit_web", "lo").commit());
  NftBatch foreign;
  foreign.add_table(NFPROTO_INET, "filter", "");
  ASSERT_TRUE(foreign.commit());

  const NftTable table = only_table();
  EXPECT_EQ(table.family, kNetdev);
  EXPECT_EQ(table.name, "lvskit_web");
  EXPECT_EQ(table.comment, "lvskit:web:withhold");
  EXPECT_EQ(table.services, (std::vector{kHttp, kDns}));
  EXPECT_EQ(table.addresses, std::vector{IpAddr{kVip}});
  EXPECT_EQ(table.links, std::vector<std::string>{"lo"});
  EXPECT_EQ(table.rules.size(), 2U);
  EXPECT_EQ(table.dropped_packets, 0U);
  EXPECT_EQ(find_tables("")->size(), 2U);
}

TEST_F(Nftables, AChainOnAMissingLinkIsRefused) {
  const auto done = withholding("lvskit_web", "no-such-link").commit();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().sys_errno, ENODEV);
  EXPECT_TRUE(
      done.error().what.starts_with("add a chain at the ingress of no-such-link: there is "
                                    "no link \"no-such-link\" here; there are: "))
      << done.error().what;
  EXPECT_EQ(ruleset(), "");
}

TEST_F(Nftables, ABadMessageInTheMiddleTakesTheWholeTransactionWithIt) {
  NftBatch batch;
  batch.add_table(kNetdev, "lvskit_web", "");
  batch.add_service_set(kNetdev, "lvskit_web", "services");
  batch.drop_services({kNetdev, "lvskit_web", "no-such-chain", ""}, Family::Ipv4, "services");
  batch.add_services(kNetdev, "lvskit_web", "services", std::array{kHttp});
  const auto done = batch.commit();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what,
            "add the rule for services to chain no-such-chain in table netdev lvskit_web: No such "
            "file or directory");
  EXPECT_EQ(ruleset(), "");
}

TEST_F(Nftables, ABadLastMessageTakesTheWholeTransactionWithIt) {
  NftBatch batch = withholding("lvskit_web", "lo");
  batch.remove_services(kNetdev, "lvskit_web", "services",
                        std::array{ServiceTuple{Protocol::Tcp, kVip, Port{81}}});
  const auto done = batch.commit();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().sys_errno, ENOENT);
  EXPECT_TRUE(done.error().what.starts_with("remove services from set services in table"))
      << done.error().what;
  EXPECT_EQ(ruleset(), "");
}

TEST_F(Nftables, AForeignTableOfTheSameNameIsNotShared) {
  NftBatch foreign;
  foreign.add_table(kNetdev, "lvskit_web", "somebody else's");
  ASSERT_TRUE(foreign.commit());
  const std::string before = ruleset();
  const auto done = withholding("lvskit_web", "lo").commit();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().sys_errno, EEXIST);
  EXPECT_EQ(done.error().what, "add table netdev lvskit_web: File exists");
  EXPECT_EQ(ruleset(), before);
}

TEST_F(Nftables, DeletesOnlyItsTable) {
  NftBatch foreign;
  foreign.add_table(NFPROTO_INET, "filter", "");
  ASSERT_TRUE(foreign.commit());
  const std::string before = ruleset();
  ASSERT_TRUE(withholding("lvskit_web", "lo").commit());
  NftBatch batch;
  batch.delete_table(kNetdev, "lvskit_web");
  ASSERT_TRUE(batch.commit());
  EXPECT_EQ(ruleset(), before);
  batch.delete_table(kNetdev, "lvskit_web");
  EXPECT_EQ(batch.commit().error().sys_errno, ENOENT) << "a spent batch can be used anew";
}

TEST_F(Nftables, SetsChangeWhileTheyAreUsed) {
  ASSERT_TRUE(withholding("lvskit_web", "lo").commit());
  constexpr ServiceTuple https{Protocol::Tcp, kVip, Port{443}};
  NftBatch batch;
  batch.remove_services(kNetdev, "lvskit_web", "services", std::array{kDns});
  batch.add_services(kNetdev, "lvskit_web", "services", std::array{https, kHttp});
  batch.remove_addresses(kNetdev, "lvskit_web", "addresses", std::array{IpAddr{kVip}});
  batch.add_addresses(kNetdev, "lvskit_web", "addresses",
                      std::array{IpAddr{Ipv4Addr(10, 0, 0, 3)}});
  const auto done = batch.commit();
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(only_table().services, (std::vector{kHttp, https}));
  EXPECT_EQ(only_table().addresses, std::vector{IpAddr{Ipv4Addr(10, 0, 0, 3)}});
}

TEST_F(Nftables, TakesMoreElementsThanFitIntoOneAttribute) {
  constexpr std::uint16_t many = 20000;
  std::vector<ServiceTuple> services;
  for (std::uint16_t port = 1; port <= many; ++port)
    services.push_back({Protocol::Tcp, kVip, Port{port}});
  ASSERT_TRUE(withholding("lvskit_web", "lo").commit());
  NftBatch batch;
  batch.remove_services(kNetdev, "lvskit_web", "services", std::array{kHttp, kDns});
  batch.add_services(kNetdev, "lvskit_web", "services", services);
  const auto done = batch.commit();
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(only_table().services, services);
}

/// Two hosts on a wire; the second withholds its services on "v1" and is looked at from outside.
class Withholding : public Nftables {
 protected:
  void SetUp() override {
    Nftables::SetUp();
    if (IsSkipped()) return;
    host_ = another_namespace();
    connect("v0", *host_, "v1");
    give("v0", Ipv4Addr(10, 0, 0, 1));
    const Inside inside(*host_);
    give("v1", kVip);
    ASSERT_TRUE(withholding("lvskit_web", "v1").commit());
    auto tap = PacketSocket::open(link("v1").index, {.ignore_outgoing = true});
    ASSERT_TRUE(tap);
    tap_ = *std::move(tap);
    sockets_.push_back(udp_on(53));
    sockets_.push_back(udp_on(54));
  }

  static void give(const std::string& name, Ipv4Addr addr) {
    Address address;
    address.link = link(name).index;
    address.addr = addr;
    address.prefix_len = 24;
    ASSERT_TRUE(open_routes().add_address(address));
  }
  static sockaddr_in at(Ipv4Addr addr, std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(addr.number());
    return to;
  }
  static UniqueFd udp_on(std::uint16_t port) {
    UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = at(kVip, port);
    const void* generic = &address;
    EXPECT_EQ(::bind(fd.get(), static_cast<const sockaddr*>(generic), sizeof address), 0);
    return fd;
  }
  /// From the first host to the second.
  static void send_udp(std::uint16_t port, std::size_t size) {
    const UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = at(kVip, port);
    const void* generic = &address;
    const std::vector<std::uint8_t> payload(size);
    EXPECT_EQ(::sendto(fd.get(), payload.data(), size, 0, static_cast<const sockaddr*>(generic),
                       sizeof address),
              static_cast<ssize_t>(size));
  }
  static bool arrived(const UniqueFd& fd, int timeout_ms) {
    pollfd readable{fd.get(), POLLIN, 0};
    return ::poll(&readable, 1, timeout_ms) == 1;
  }
  /// Waits until the tap has seen a UDP packet to this port.
  bool tap_saw(std::uint16_t port) {
    while (true) {
      const auto frame = tap_->receive_until(soon());
      if (!frame || !*frame) return false;
      const auto& bytes = (*frame)->bytes;
      if (bytes.size() > 37 && bytes[12] == 0x08 && bytes[13] == 0 && bytes[23] == IPPROTO_UDP &&
          (bytes[36] << 8 | bytes[37]) == port)
        return true;
    }
  }
  std::uint64_t dropped() {
    const Inside inside(*host_);
    return only_table().dropped_packets;
  }

  std::optional<NetNamespace> host_;
  std::optional<PacketSocket> tap_;
  std::vector<UniqueFd> sockets_;  ///< on ports 53 and 54
};

TEST_F(Withholding, KeepsServicesFromTheKernelAndShowsThemToATap) {
  send_udp(53, 10);
  EXPECT_TRUE(tap_saw(53)) << "an ETH_P_ALL tap comes before the ingress hook";
  send_udp(54, 10);
  EXPECT_TRUE(arrived(sockets_[1], 10000)) << "what is no service passes";
  // The second packet was behind the first on the same wire, so the first has had its chance.
  EXPECT_FALSE(arrived(sockets_[0], 0));
  EXPECT_EQ(dropped(), 1U);
}

TEST_F(Withholding, KeepsEveryFragmentFromTheKernel) {
  send_udp(54, 4000);  // three fragments; the port is no service
  EXPECT_TRUE(tap_saw(54));
  send_udp(54, 10);
  std::array<std::uint8_t, 8000> buffer{};
  ASSERT_TRUE(arrived(sockets_[1], 10000));
  EXPECT_EQ(::recv(sockets_[1].get(), buffer.data(), buffer.size(), 0), 10);
  EXPECT_EQ(dropped(), 3U);
}

TEST_F(Withholding, LetsFragmentsPassWhenTheAddressIsTakenOut) {
  {
    const Inside inside(*host_);
    NftBatch batch;
    batch.remove_addresses(kNetdev, "lvskit_web", "addresses", std::array{IpAddr{kVip}});
    ASSERT_TRUE(batch.commit());
  }
  send_udp(54, 4000);
  EXPECT_TRUE(arrived(sockets_[1], 10000));
  EXPECT_EQ(dropped(), 0U);
}

}  // namespace
}  // namespace lvs::linux_net
