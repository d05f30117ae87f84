#include "tests/lab/flows/play.h"

#include <gtest/gtest.h>

#include "tests/lab/flows/eventually.h"

namespace lvs::test {
namespace {

using linux_net::UniqueFd;

/// The recording's 4000 bytes: 0 to 249, again and again.
std::string pattern() {
  std::string bytes;
  for (int i = 0; i < 4000; ++i) bytes.push_back(static_cast<char>(i % 250));
  return bytes;
}

std::string request(const std::string& path) { return "GET " + path + " HTTP/1.0\r\n\r\n"; }

}  // namespace

Play::Play(FlowsLab& lab, Part part)
    : lab_(lab), part_(std::move(part)), client_(lab.host("client"), part_.vip) {
  for (std::size_t i = 0; i < part_.servers.size(); ++i)
    servers_.push_back(std::make_unique<RecordedServer>(lab.host(part_.servers[i]),
                                                        part_.servers[i], part_.address(i)));
}

std::uint16_t Play::port(unsigned offset) const {
  return static_cast<std::uint16_t>(part_.first_port + offset);
}

std::string Play::get(unsigned offset, const std::string& path) const {
  return client_.http(port(offset), 80, request(path));
}

Json Play::datagram(unsigned offset, const RecordedClient::Datagram& datagram) const {
  return client_.udp(port(offset), datagram);
}

void Play::steps(const After& after) {
  web_steps(after);
  datagram_steps(after);
  path_mtu_steps(after);
  EXPECT_TRUE(client_.ping(part_.first_port, 1) && client_.ping(part_.first_port, 2));
  after("ping-vip", {});
  datagram(18, {.payload = "ttl", .ttl = 2, .has_answer = false});
  after("udp-ttl-1-at-director", "sent with ttl 2 (1 after the router)");
  get(20);
}

void Play::web_steps(const After& after) {
  after("arp-and-first-http", get(1));
  for (const std::uint16_t picked : part_.picked_ports) client_.http(picked, 80, request("/"));
  after("http", get(2));
  after("http2", get(3));
  after("http-big-answer", get(4, "/big"));
  client_.http(port(5), 80, "POST / HTTP/1.0\r\n\r\n" + std::string(kUploadBytes, 'u'));
  client_.forget_path_mtu();  // which an upload through a tunnel has taught it
  after("tcp-refused", client_.http(port(6), 81, request("/")));
  get(7, "/rst");
}

void Play::datagram_steps(const After& after) {
  after("udp-echo", datagram(10, {.payload = "hello 12"}));
  after("udp-echo2", datagram(11, {.payload = "hello 12"}));
  after("udp-port-unreachable", datagram(12, {.payload = "nobody listens", .port = 9999}));
  after("udp-fragmented-4000", datagram(13, {.payload = pattern()}));
}

void Play::path_mtu_steps(const After& after) {
  const RecordedClient::Datagram full{.payload = std::string(part_.full_bytes(), 'z'),
                                      .must_not_fragment = true};
  const RecordedClient::Datagram less{.payload = std::string(part_.less_bytes, 'z'),
                                      .must_not_fragment = true};
  client_.forget_path_mtu();
  datagram(14, full);
  client_.forget_path_mtu();
  after("udp-1472-df", datagram(15, full));
  after("udp-1472-df-again", datagram(16, full));
  after("udp-1452-df", datagram(17, less));
}

void Play::walk(const std::function<void(const std::string& heading)>& look) {
  closing(look);
  RecordedClient::reset(client_.connect_from(port(1003), 80));
  look("client reset");
  look("client reset -Ln");
  EXPECT_EQ(client_.http(port(1004), 81, request("/")), "error [Errno 111] Connection refused");
  look("refused by the server (RST)");
  for (const auto& server : servers_) server->fall_silent();
  const UniqueFd unanswered = client_.begin_to_connect(port(1005), 80);
  wait_for_second_syn(port(1005));
  look("SYN not answered");
  look("SYN not answered -Ln");
}

void Play::closing(const std::function<void(const std::string& heading)>& look) {
  UniqueFd first = client_.connect_from(port(1001), 80);
  look("connected");
  look("connected -Ln");
  RecordedClient::ask(first, request("/"));
  look("server has sent data and FIN (client has not closed)");
  look("server FIN -Ln");
  first = UniqueFd();
  look("client closed too");
  look("closed -Ln");
  UniqueFd second = client_.connect_from(port(1002), 80);
  RecordedClient::ask(second, request("/hold"), 19);
  look("established, held");
  second = UniqueFd();
  look("client closed first, server closed after");
}

void Play::wait_for_second_syn(std::uint16_t client_port) {
  const std::string flow = "tcp " + std::to_string(client_port);
  EXPECT_TRUE(eventually([&] {
    std::size_t sent = 0;
    for (const auto& [hop, packets] : sort_packets(lab_.captured("client:eth0")).hops)
      if (hop.flow == flow) sent += packets.size();
    return sent >= 2;
  }));
}

std::set<std::string> Play::flows() const {
  std::set<std::string> flows{"ping"};
  for (const unsigned offset : {1u, 2u, 3u, 4u, 6u, 1001u, 1002u, 1003u, 1004u, 1005u})
    flows.insert("tcp " + std::to_string(port(offset)));
  for (const unsigned offset : {10u, 11u, 12u, 13u, 15u, 16u, 17u, 18u})
    flows.insert("udp " + std::to_string(port(offset)));
  return flows;
}

std::set<std::string> Play::flows_between() const {
  std::set<std::string> flows;
  for (const unsigned offset : {5u, 7u, 20u}) flows.insert("tcp " + std::to_string(port(offset)));
  for (const std::uint16_t picked : part_.picked_ports)
    flows.insert("tcp " + std::to_string(picked));
  flows.insert("udp " + std::to_string(port(14)));
  return flows;
}

}  // namespace lvs::test
