#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "director/core/connection_table.h"

// Conversations, templates and connections that wait for a client's port may have equal keys in one
// table (facts of IPVS, 2.4 and 2.8).

namespace lvs::director {
namespace {

using Table = ConnectionTable<Ipv4Addr>;
using Record = Connection<Ipv4Addr>;
constexpr Tick kNow{500};
constexpr Tick kEnd{1000};

struct Fixture {
  std::vector<std::byte> memory = std::vector<std::byte>(Table::bytes_for(16));
  Table table{memory, 16, {1, 2}};
};

Record record(std::uint16_t client_port, std::uint8_t flags = 0,
              ForwardMethod method = ForwardMethod::Masq) {
  return {.client = Ipv4Addr(203, 0, 113, 5),
          .vip = Ipv4Addr(10, 0, 0, 1),
          .server_address = Ipv4Addr(192, 168, 10, 11),
          .server = {7},
          .expires_at = kEnd,
          .client_port = Port{client_port},
          .vip_port = Port{80},
          .server_port = Port{8080},
          .protocol = Protocol::Tcp,
          .method = method,
          .flags = flags};
}
Record make_template() { return record(0, connection_flag::kTemplate); }
Record waiting() { return record(0, connection_flag::kNoClientPort); }

TEST(ConnectionKinds, ATemplateIsNoConversation) {
  Fixture f;
  const Record* const added = f.table.insert(make_template(), kNow);
  ASSERT_TRUE(added);
  const auto key = added->client_key();
  EXPECT_EQ(f.table.find_template(key), added);
  EXPECT_FALSE(f.table.find_from_client(key, kNow)) << "a packet from the client's port 0";
  EXPECT_FALSE(f.table.find_from_server(added->server_key(), kNow));
  EXPECT_FALSE(f.table.find(key, kNow));
}

TEST(ConnectionKinds, AConversationIsNoTemplate) {
  Fixture f;
  const Record* const added = f.table.insert(record(0), kNow);
  ASSERT_TRUE(added);
  EXPECT_EQ(f.table.find_from_client(added->client_key(), kNow), added);
  EXPECT_FALSE(f.table.find_template(added->client_key()));
}

TEST(ConnectionKinds, EqualKeysOfDifferentKindsStandSideBySide) {
  Fixture f;
  const Record* const conversation = f.table.insert(record(0), kNow);
  const Record* const pinned = f.table.insert(make_template(), kNow);
  const Record* const expected = f.table.insert(waiting(), kNow);
  ASSERT_TRUE(conversation && pinned && expected);
  const auto key = record(0).client_key();
  EXPECT_EQ(f.table.find_from_client(key, kNow), conversation);
  EXPECT_EQ(f.table.find_template(key), pinned);
  EXPECT_FALSE(f.table.insert(make_template(), kNow)) << "one of each kind";
  EXPECT_FALSE(f.table.insert(waiting(), kNow));
}

TEST(ConnectionKinds, ATemplateKeepsItsTimeoutWhereOthersHaveALink) {
  Fixture f;
  Record pinned = make_template();
  pinned.next_by_server = 36000;
  Record* const added = f.table.insert(pinned, kNow);
  ASSERT_TRUE(f.table.insert(record(1), kNow));
  ASSERT_TRUE(f.table.insert(record(2), kNow));
  EXPECT_EQ(added->next_by_server, 36000u);
  f.table.erase(*added);
  EXPECT_TRUE(f.table.find_from_server(record(1).server_key(), kNow));
  EXPECT_TRUE(f.table.find_from_server(record(2).server_key(), kNow));
}

TEST(ConnectionKinds, TheTemplateOfAMarkIsFoundByTheMark) {
  Fixture f;
  Record pinned = make_template();
  pinned.vip = Ipv4Addr{5};
  pinned.vip_port = {};
  pinned.protocol = kAnyProtocol;
  const Record* const added = f.table.insert(pinned, kNow);
  const FlowKey<Ipv4Addr> key{pinned.client, Ipv4Addr{5}, {}, {}, kAnyProtocol};
  EXPECT_EQ(f.table.find_template(key), added);
}

TEST(ConnectionKinds, FtpDataIsFoundFromAnyPortUntilOneIsKnown) {
  Fixture f;
  Record* const data = f.table.insert(waiting(), kNow);
  EXPECT_EQ(f.table.find_from_client(record(40000).client_key(), kNow), data);
  EXPECT_EQ(f.table.find_from_client(record(40001).client_key(), kNow), data);
  ASSERT_TRUE(f.table.set_client_port(*data, Port{40000}));
  EXPECT_EQ(f.table.find_from_client(record(40000).client_key(), kNow), data);
  EXPECT_FALSE(f.table.find_from_client(record(40001).client_key(), kNow));
  EXPECT_EQ(f.table.find_from_server(record(40000).server_key(), kNow), data);
  f.table.erase(*data);
  EXPECT_EQ(f.table.size(), 0u);
}

TEST(ConnectionKinds, AnExactConversationComesBeforeFtpData) {
  Fixture f;
  ASSERT_TRUE(f.table.insert(waiting(), kNow));
  const Record* const exact = f.table.insert(record(40000), kNow);
  EXPECT_EQ(f.table.find_from_client(record(40000).client_key(), kNow), exact);
}

TEST(ConnectionKinds, AKnownPortIsRefusedWhenAConversationHasIt) {
  Fixture f;
  Record* const data = f.table.insert(waiting(), kNow);
  ASSERT_TRUE(f.table.insert(record(40000), kNow));
  EXPECT_FALSE(f.table.set_client_port(*data, Port{40000}));
  EXPECT_EQ(f.table.find_from_client(record(40001).client_key(), kNow), data) << "as before";
}

TEST(ConnectionKinds, NobodyFindsARetiredTemplate) {
  Fixture f;
  Record* const added = f.table.insert(make_template(), kNow);
  const auto key = added->client_key();
  f.table.retire(*added);
  EXPECT_EQ(added->vip_port, Port{0xffff}) << "as a listing shows it (facts of IPVS, 2.8)";
  EXPECT_FALSE(f.table.find_template(key));
  EXPECT_FALSE(f.table.find_template(added->client_key())) << "nor for a service on that port";
  EXPECT_TRUE(f.table.insert(make_template(), kNow)) << "its key is free";
  std::size_t limit = 10;
  EXPECT_TRUE(f.table.next_expired(kEnd, limit)) << "and it ends with its timer";
}

TEST(ConnectionKinds, ARetiredConversationGivesBothKeysAway) {
  Fixture f;
  Record* const added = f.table.insert(record(1), kNow);
  f.table.retire(*added);
  EXPECT_FALSE(f.table.find(record(1).client_key(), kNow));
  EXPECT_FALSE(f.table.find(record(1).server_key(), kNow));
  const Record* const successor = f.table.insert(record(1), kNow);
  ASSERT_TRUE(successor);
  f.table.erase(*added);
  EXPECT_EQ(f.table.find_from_client(record(1).client_key(), kNow), successor);
  EXPECT_EQ(f.table.find_from_server(record(1).server_key(), kNow), successor);
}

TEST(ConnectionKinds, WhatControlsOthersIsFoundWhenItsTimeIsOver) {
  Fixture f;
  Record* const control = f.table.insert(record(1), kNow);
  EXPECT_FALSE(f.table.find_from_client(record(1).client_key(), kEnd));
  control->control = 1;
  EXPECT_TRUE(f.table.find_from_client(record(1).client_key(), kEnd));
  EXPECT_FALSE(f.table.expired_holder(record(1), kEnd));
  control->flags |= connection_flag::kControlled;  // then it is the position of its own template
  EXPECT_FALSE(f.table.find_from_client(record(1).client_key(), kEnd));
}

}  // namespace
}  // namespace lvs::director
