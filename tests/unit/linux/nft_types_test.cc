#include "net/linux/nft_types.h"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "net/linux/nftables.h"

namespace lvs::linux_net {
namespace {

TEST(NftKeys, PadEveryFieldToARegister) {
  const ServiceTuple service{Protocol::Tcp, Ipv4Addr(192, 168, 1, 99), Port{0x1f90}};
  const KeyBytes expected{6, 0, 0, 0, 192, 168, 1, 99, 0x1f, 0x90, 0, 0};
  EXPECT_EQ(key_of(service), expected);
  EXPECT_EQ(service_from_key(expected), service);
}

TEST(NftKeys, HoldAnIpv6AddressInFourRegisters) {
  const Ipv6Addr vip{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x99}};
  const ServiceTuple service{Protocol::Udp, vip, Port{53}};
  const KeyBytes expected{17, 0, 0, 0, 0x20, 0x01, 0x0d, 0xb8, 0, 0,  0, 0,
                          0,  0, 0, 0, 0,    0,    0,    0x99, 0, 53, 0, 0};
  EXPECT_EQ(key_of(service), expected);
  EXPECT_EQ(service_from_key(expected), service);
  EXPECT_EQ(address_from_key(key_of(IpAddr{vip})), IpAddr{vip});
}

TEST(NftKeys, RefuseOtherLengths) {
  const std::array<std::uint8_t, 11> short_key{};
  EXPECT_FALSE(service_from_key(short_key));
  EXPECT_FALSE(address_from_key(short_key));
  EXPECT_EQ(address_from_key(key_of(IpAddr{Ipv4Addr(1, 2, 3, 4)})), IpAddr{Ipv4Addr(1, 2, 3, 4)});
}

TEST(NftKeys, TypeNumberIsTheConcatenationOfThreeSixBitTypes) {
  EXPECT_EQ(kNftServiceType, 0xc1cdU);  // as nft itself sends it
  EXPECT_EQ(kNftService6Type, 0xc20dU);
}

TEST(NftComment, IsReadBack) {
  const UserData data = comment_data(0, "lvskit:web:withhold");
  const auto* bytes = static_cast<const std::uint8_t*>(nftnl_udata_buf_data(data.get()));
  EXPECT_EQ(comment_in({bytes, nftnl_udata_buf_len(data.get())}, 0), "lvskit:web:withhold");
}

TEST(NftComment, IsFoundBehindOtherData) {
  const std::vector<std::uint8_t> data{5, 1, 9, 0, 3, 'h', 'i', 0};
  EXPECT_EQ(comment_in(data, 0), "hi");
  EXPECT_EQ(comment_in(data, 7), "");
}

TEST(NftComment, SurvivesBrokenData) {
  EXPECT_EQ(comment_in({}, 0), "");
  EXPECT_EQ(comment_in(std::vector<std::uint8_t>{0}, 0), "");
  EXPECT_EQ(comment_in(std::vector<std::uint8_t>{0, 200, 'a'}, 0), "");
  EXPECT_EQ(comment_in(std::vector<std::uint8_t>{0, 2, 'a', 'b'}, 0), "ab");  // no NUL
}

// A batch that breaks a limit is refused before the kernel is asked: these need no right at all.

TEST(NftBatch, RefusesNamesAndCommentsOverNfTablesLimits) {
  const std::string long_text(300, 'x');
  NftBatch names;
  names.add_table(5, long_text, "");
  EXPECT_EQ(names.commit().error().sys_errno, EINVAL);
  NftBatch comments;
  comments.add_table(5, "t", std::string(128, 'c'));
  EXPECT_EQ(comments.commit().error().sys_errno, EINVAL);
  NftBatch links;
  links.add_ingress_chain("t", "c", "a-link-name-that-is-long", 0);
  const auto refused = links.commit();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what,
            "the link name \"a-link-name-that-is-long\" must have 1 to 15 bytes");
}

TEST(NftBatch, AnEmptyOneIsDoneWithoutAskingTheKernel) { EXPECT_TRUE(NftBatch().commit()); }

}  // namespace
}  // namespace lvs::linux_net
