#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "net/wire/addr_text.h"
#include "tests/golden/recording.h"
#include "tests/support/scheduler_bench.h"

namespace lvs::test {
namespace {

using director::SchedulerFlags;

/// What follows an option of an ipvsadm call; empty: it is not there.
std::string option(const std::vector<std::string>& words, const std::string& name) {
  const auto found = std::ranges::find(words, name);
  return found == words.end() || found + 1 == words.end() ? std::string{} : *(found + 1);
}

SchedulerFlags flags_of(const std::string& text) {
  SchedulerFlags flags;
  if (text.find("-fallback") != std::string::npos) flags.bits |= SchedulerFlags::kFirst;
  if (text.find("-port") != std::string::npos) flags.bits |= SchedulerFlags::kSecond;
  return flags;
}

struct Server {
  director::MappedAddr address{};
  Port port{};
  friend bool operator==(const Server&, const Server&) = default;
};

/// "10.0.0.1:80" or "[fd00::1]:80".
Server parse_server(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const bool is_v6 = text.front() == '[';
  const std::string address = is_v6 ? text.substr(1, colon - 2) : text.substr(0, colon);
  return {parse_ip(address).value_or(IpAddr{}),
          Port{static_cast<std::uint16_t>(std::stoul(text.substr(colon + 1)))}};
}

/// A service that these commands set up.
class Service {
 public:
  explicit Service(const Json& recording)
      : bench_(text_of(recording, "scheduler"), {.flags = flags_of(text_of(recording, "flags"))}) {
    for (const std::string& command : texts_of(recording, "commands")) obey(words_of(command));
  }
  std::optional<Server> choose(const director::NewFlow& flow) {
    const std::optional<std::size_t> seat = bench_.pick(flow);
    if (!seat) return std::nullopt;
    return Server{bench_[*seat].address, bench_[*seat].port};
  }

 private:
  void obey(const std::vector<std::string>& words) {
    const std::string server = option(words, "-r");
    if (server.empty()) return;  // -A
    const Server named = parse_server(server);
    const std::string weight = option(words, "-w");
    const auto number = static_cast<std::uint32_t>(weight.empty() ? 1 : std::stoul(weight));
    if (words[1] == "-a")
      bench_.add({.address = named.address, .weight = number, .port = named.port});
    if (words[1] == "-e") bench_.edit(seat_of(named), number);
    if (words[1] == "-d") bench_.remove(seat_of(named));
  }
  std::size_t seat_of(const Server& server) const {
    std::size_t seat = 0;
    while (Server{bench_[seat].address, bench_[seat].port} != server) ++seat;
    return seat;
  }

  SchedulerBench bench_;
};

director::NewFlow flow_of(const Json& tuple, const std::string& protocol) {
  const Json::Array& fields = *tuple.as_array();
  const auto port = [&](std::size_t i) {
    return Port{static_cast<std::uint16_t>(*fields[i].as_int())};
  };
  return {.client = parse_ip(*fields[0].as_string()).value_or(IpAddr{}),
          .destination = parse_ip(*fields[2].as_string()).value_or(IpAddr{}),
          .client_port = port(1),
          .destination_port = port(3),
          .protocol = protocol == "udp" ? Protocol::Udp : Protocol::Tcp};
}

/// None: IPVS chose nobody.
std::optional<Server> recorded(const Json& recording, const Json& index) {
  const std::int64_t* const number = index.as_int();
  if (number == nullptr) return std::nullopt;
  const Json& server = items_of(recording, "servers")[static_cast<std::size_t>(*number)];
  return Server{parse_ip(text_of(server, "ip")).value_or(IpAddr{}),
                Port{static_cast<std::uint16_t>(number_of(server, "port"))}};
}

std::size_t differences_in(const Json& recording) {
  Service service(recording);
  const Json::Array& tuples = items_of(recording, "tuples");
  const Json::Array& chosen = items_of(recording, "chosen_server_index");
  EXPECT_EQ(tuples.size(), chosen.size());
  std::size_t differences = 0;
  for (std::size_t i = 0; i < std::min(tuples.size(), chosen.size()); ++i)
    if (service.choose(flow_of(tuples[i], text_of(recording, "proto"))) !=
        recorded(recording, chosen[i]))
      ++differences;
  return differences;
}

TEST(HashGolden, SendsEveryClientWhereTheKernelSentIt) {
  const auto recordings = read_recordings("hash.jsonl");
  if (!recordings) GTEST_SKIP() << "no recordings: LVSKIT_SHARED does not hold golden/";
  std::size_t tuples = 0;
  for (const Json& recording : *recordings) {
    EXPECT_EQ(differences_in(recording), 0u)
        << text_of(recording, "id") << " (" << text_of(recording, "name") << ')';
    tuples += items_of(recording, "tuples").size();
  }
  std::cout << "hash.jsonl: " << recordings->size() << " recordings, " << tuples << " clients\n";
  EXPECT_GT(tuples, 0u);
}

}  // namespace
}  // namespace lvs::test
