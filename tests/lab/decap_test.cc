#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "net/linux/bpf_filter.h"
#include "net/linux/sysctl.h"
#include "net/wire/ipv4.h"
#include "profiles/io/objects/objects.h"
#include "tests/lab/decap_lab.h"

namespace lvs::profiles {
namespace {

class EachTunnel : public DecapLab, public testing::WithParamInterface<DecapCase> {};

TEST_P(EachTunnel, CarriesBothFamiliesToTheVipsAndNowhereElse) {
  make(GetParam().way);
  if (IsSkipped() || HasFatalFailure()) return;
  direct(wrapping(GetParam(), Family::Ipv4), wrapping(GetParam(), Family::Ipv6), false);
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_TRUE(talk_tcp(*client_, kVip4, 100000));
  EXPECT_TRUE(talk_tcp(*client_, kVip6, 100000));
  for (const auto& [vip, other] : {std::pair{kVip4, kOther4}, std::pair{kVip6, kOther6}}) {
    const UniqueFd at_vip = udp_listener(vip);
    const UniqueFd at_other = udp_listener(other);
    send_udp(*client_, other, "not for a VIP");
    send_udp(*client_, vip, "hello");
    EXPECT_EQ(receive_udp(at_vip), "hello");
    EXPECT_EQ(receive_udp(at_other, MSG_DONTWAIT), "nothing");
  }
}

TEST_P(EachTunnel, FinishesWhatTheSenderLeftUnfinished) {
  make(GetParam().way);
  if (IsSkipped() || HasFatalFailure()) return;
  direct(wrapping(GetParam(), Family::Ipv4), wrapping(GetParam(), Family::Ipv6), true);
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_TRUE(talk_tcp(*client_, kVip4, 1000000));
  EXPECT_TRUE(talk_tcp(*client_, kVip6, 1000000));
  EXPECT_GT(sender_->unfinished(), 100U) << "every checksum was finished";
}

INSTANTIATE_TEST_SUITE_P(
    All, EachTunnel,
    testing::Values(DecapCase{Way::Bpf, TunnelType::Ipip, Family::Ipv4, false},
                    DecapCase{Way::Bpf, TunnelType::Ipip, Family::Ipv6, false},
                    DecapCase{Way::Bpf, TunnelType::Gre, Family::Ipv4, true},
                    DecapCase{Way::Bpf, TunnelType::Gre, Family::Ipv6, false},
                    DecapCase{Way::Bpf, TunnelType::Gue, Family::Ipv4, true},
                    DecapCase{Way::Bpf, TunnelType::Gue, Family::Ipv6, true},
                    DecapCase{Way::Process, TunnelType::Ipip, Family::Ipv4, false},
                    DecapCase{Way::Process, TunnelType::Ipip, Family::Ipv6, false},
                    DecapCase{Way::Process, TunnelType::Gre, Family::Ipv4, true},
                    DecapCase{Way::Process, TunnelType::Gre, Family::Ipv6, false},
                    DecapCase{Way::Process, TunnelType::Gue, Family::Ipv4, true},
                    DecapCase{Way::Process, TunnelType::Gue, Family::Ipv6, true},
                    DecapCase{Way::Bpf, TunnelType::Gue, Family::Ipv4, false},
                    DecapCase{Way::Bpf, TunnelType::Gue, Family::Ipv6, false},
                    DecapCase{Way::Process, TunnelType::Gue, Family::Ipv4, false},
                    DecapCase{Way::Process, TunnelType::Gue, Family::Ipv6, false}),
    name_of);

class EachFilter : public DecapLab, public testing::WithParamInterface<int> {};

TEST_P(EachFilter, ABpfProgramNeedsNothingOfRpFilter) {
  make(Way::Bpf);
  if (IsSkipped() || HasFatalFailure()) return;
  direct(test::ipip(kDip4, kRip4, Family::Ipv4), {}, false);
  if (IsSkipped() || HasFatalFailure()) return;
  const std::string value = std::to_string(GetParam());
  for (const char* place : {"all", "lo", "eth0"})
    ASSERT_TRUE(
        linux_net::write_sysctl("net/ipv4/conf/" + std::string(place) + "/rp_filter", value));
  EXPECT_TRUE(talk_tcp(*client_, kVip4, 1000));
}

TEST_P(EachFilter, AProcessNeedsItOffOnLoAlone) {
  make(Way::Process);
  if (IsSkipped() || HasFatalFailure()) return;
  direct(test::ipip(kDip4, kRip4, Family::Ipv4), {}, false);
  if (IsSkipped() || HasFatalFailure()) return;
  ASSERT_TRUE(linux_net::write_sysctl("net/ipv4/conf/eth0/rp_filter", std::to_string(GetParam())));
  EXPECT_TRUE(talk_tcp(*client_, kVip4, 1000));
}

INSTANTIATE_TEST_SUITE_P(All, EachFilter, testing::Values(0, 1, 2));

std::string tc_dump() {
  return shell(
      "for i in eth0 lo; do tc qdisc show dev $i; tc filter show dev $i ingress; "
      "tc filter show dev $i egress; done 2>/dev/null");
}

TEST_F(DecapLab, AProgramIsFoundAgainWithItsRulesAndLeavesNoTrace) {
  const std::string before = tc_dump();
  make(Way::Bpf);
  if (IsSkipped() || HasFatalFailure()) return;
  const Snapshot found = look();
  EXPECT_EQ(found.clsacts, std::vector<ClsactFact>{{"eth0"}});
  ASSERT_EQ(found.decap_filters, (std::vector<DecapFilter>{{"eth0", "web", rules()}}));

  DecapFilter fewer = found.decap_filters[0];
  fewer.rules.vips = {kVip4};
  const auto replaced = replace_object(*routes_, found.decap_filters[0], fewer);
  ASSERT_TRUE(replaced) << replaced.error().what;
  EXPECT_EQ(look().decap_filters, std::vector<DecapFilter>{fewer});
  EXPECT_FALSE(remove_object(*routes_, found.decap_filters[0])) << "that one is not there any more";
  const auto early = remove_object(*routes_, ClsactFact{"eth0"});
  EXPECT_FALSE(early) << "ours still hangs on it";

  EXPECT_TRUE(remove_object(*routes_, fewer));
  EXPECT_TRUE(remove_object(*routes_, ClsactFact{"eth0"}));
  EXPECT_EQ(tc_dump(), before);
}

TEST_F(DecapLab, FiltersOfOthersStayAsTheyWere) {
  ASSERT_EQ(
      shell("tc qdisc add dev eth0 clsact && tc filter add dev eth0 ingress prio 19456 handle "
            "0x4c56 protocol ip bpf da bytecode '1,6 0 0 4294967295' && "
            "tc filter add dev eth0 egress prio 7 bpf da bytecode '1,6 0 0 4294967295'"),
      "");
  const std::string before = tc_dump();
  ASSERT_NE(before.find("pref 7 "), std::string::npos);
  ASSERT_NE(before.find("handle 0x4c56"), std::string::npos);
  routes_.emplace(open_routes());
  if (const auto can = linux_net::try_loading_program(); !can)
    GTEST_SKIP() << "needs the right to load BPF programs: " << can.error().what;
  EXPECT_EQ(add_object(*routes_, ClsactFact{"eth0"}).error().sys_errno, EEXIST);
  const DecapFilter web{"eth0", "web", rules()};
  const DecapFilter shop{"eth0", "shop", rules()};
  ASSERT_TRUE(add_object(*routes_, web));
  ASSERT_TRUE(add_object(*routes_, shop)) << "another profile's stands beside it";
  EXPECT_EQ(add_object(*routes_, web).error().sys_errno, EEXIST);
  EXPECT_EQ(look().decap_filters.size(), 2U);
  EXPECT_TRUE(remove_object(*routes_, shop));
  EXPECT_EQ(look().decap_filters, std::vector<DecapFilter>{web});
  EXPECT_TRUE(remove_object(*routes_, web));
  EXPECT_EQ(remove_object(*routes_, ClsactFact{"eth0"}).error().sys_errno, EBUSY);
  EXPECT_EQ(tc_dump(), before);
}

TEST_F(DecapLab, AProcessIsFoundAgainByItsCommandLineAndEndsAlone) {
  make(Way::Process);
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_EQ(look().decap_processes, (std::vector<DecapProcess>{{"web", rules()}}));
  EXPECT_EQ(add_object(*routes_, *started_).error().sys_errno, EEXIST);
  const DecapProcess shop{"shop", {{{kRip4, TunnelType::Gre, {}}}, {kVip4}}};
  ASSERT_TRUE(add_object(*routes_, shop)) << "raw sockets are shared";
  {
    const Inside inside(*client_);
    EXPECT_TRUE(look().decap_processes.empty()) << "they are of another namespace";
  }
  EXPECT_TRUE(remove_object(*routes_, shop));
  EXPECT_EQ(look().decap_processes, (std::vector<DecapProcess>{{"web", rules()}}));
}

/// A UDP datagram without a checksum, from its IP header on.
std::vector<std::uint8_t> datagram(std::string_view text) {
  std::vector<std::uint8_t> packet(28 + text.size());
  wire::store_ipv4(
      packet,
      {.source = Ipv4Addr(10, 0, 0, 1), .destination = kVip4.v4(), .protocol = Protocol::Udp});
  const std::span<std::uint8_t> udp = std::span(packet).subspan(20);
  wire::store_be16(udp, 0, 1024);
  wire::store_be16(udp, 2, kService.number);
  wire::store_be16(udp, 4, static_cast<std::uint16_t>(udp.size()));
  std::copy(text.begin(), text.end(), udp.begin() + 8);
  return packet;
}

TEST_F(DecapLab, AnOrdinaryUsersNamespaceHasTheProcess) {
  make(Way::Process);
  if (HasFatalFailure()) return;
  const UniqueFd at_vip = udp_listener(kVip4);
  const std::vector<std::uint8_t> inner = datagram("hello");
  {
    const Inside inside(*client_);
    ASSERT_EQ(shell("ip addr add 10.0.0.1/24 dev wire0"), "");
    const UniqueFd fd(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_IPIP));
    const SocketAddress to = socket_address(kRip4, {});
    ASSERT_EQ(::sendto(fd.get(), inner.data(), inner.size(), 0,
                       reinterpret_cast<const sockaddr*>(&to.storage), to.size),
              std::ssize(inner));
  }
  EXPECT_EQ(receive_udp(at_vip), "hello");
}

TEST_F(DecapLab, AProcessThatCannotStartSaysWhy) {
  routes_.emplace(open_routes());
  const DecapProcess nowhere{"web", {{{*parse_ip("10.9.9.9"), TunnelType::Ipip, {}}}, {kVip4}}};
  const auto made = add_object(*routes_, nowhere);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().what.find("10.9.9.9: bind: Cannot assign requested address"),
            std::string::npos)
      << made.error().what;
  EXPECT_TRUE(look().decap_processes.empty());
}

}  // namespace
}  // namespace lvs::profiles
