#include "tests/golden/player.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>

#include "net/wire/addr_text.h"
#include "net/wire/icmp.h"
#include "tests/golden/recording.h"
#include "tests/support/frames.h"

namespace lvs::test {
namespace {

using namespace lvs::director;

struct Endpoint {
  Ipv4Addr address{};
  Port port{};
};

std::optional<Endpoint> parse_endpoint(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const std::optional<Ipv4Addr> address = parse_ipv4(text.substr(0, colon));
  if (!address || colon == std::string::npos) return std::nullopt;
  return Endpoint{*address, Port{static_cast<std::uint16_t>(std::stoul(text.substr(colon + 1)))}};
}

std::string endpoint_text(const IpAddr& address, Port port) {
  return to_string(address) + ':' + std::to_string(port.number);
}

/// The word behind an option.
std::string option(const std::vector<std::string>& words, const std::string& name) {
  const auto found = std::ranges::find(words, name);
  return found == words.end() || found + 1 == words.end() ? std::string{} : *(found + 1);
}

bool has(const std::vector<std::string>& words, const std::string& name) {
  return std::ranges::find(words, name) != words.end();
}

std::optional<ServiceKey> service_of(const std::vector<std::string>& words) {
  const bool tcp = has(words, "-t");
  const std::optional<Endpoint> at = parse_endpoint(option(words, tcp ? "-t" : "-u"));
  if (!at) return std::nullopt;
  return ServiceKey{tcp ? Protocol::Tcp : Protocol::Udp, at->address, at->port};
}

constexpr std::array<std::pair<char, std::uint8_t>, 6> kFlagLetters{{
    {'F', wire::tcp_flag::kFin},
    {'S', wire::tcp_flag::kSyn},
    {'R', wire::tcp_flag::kRst},
    {'P', wire::tcp_flag::kPsh},
    {'A', wire::tcp_flag::kAck},
    {'U', wire::tcp_flag::kUrg},
}};

std::uint8_t parse_flags(const std::string& letters) {
  std::uint8_t flags = 0;
  for (const auto& [letter, flag] : kFlagLetters)
    if (letters.find(letter) != std::string::npos) flags |= flag;
  return flags;
}

std::string flag_text(std::uint8_t flags) {
  std::string text;
  for (const auto& [letter, flag] : kFlagLetters)
    if ((flags & flag) != 0) text += letter;
  return text;
}

/// A packet as the recordings write it.
std::string packet_text(wire::ConstBytes frame) {
  const auto ip = *wire::ConstIpv4View::parse(frame.subspan(wire::kEthernetHeader));
  if (ip.protocol() == Protocol::Icmp) {
    const auto icmp = *wire::ConstIcmpView::parse(ip.payload());
    return "icmp " + to_string(ip.source()) + " > " + to_string(ip.destination()) + " type " +
           std::to_string(static_cast<unsigned>(icmp.type())) + " code " +
           std::to_string(icmp.code());
  }
  const auto transport = *wire::ConstTransportView::parse(ip);
  const std::string text = to_string(ip.protocol()) + ' ' +
                           endpoint_text(ip.source(), transport.source_port()) + " > " +
                           endpoint_text(ip.destination(), transport.destination_port());
  return transport.is_tcp() ? text + ' ' + flag_text(transport.tcp_flags()) : text;
}

/// The packets of an action, by their flags ("" is a datagram or a segment without any).
std::vector<std::string> packets_of(const std::string& action) {
  if (action == "syn") return {"S"};
  if (action == "est") return {"S", "A"};
  if (action == "fin") return {"S", "A", "FA"};
  if (action == "udp") return {""};
  if (action.starts_with("close:")) return {"FA"};
  std::vector<std::string> packets;
  std::istringstream in(action.substr(std::string_view{"pkt:"}.size()));
  for (std::string flags; std::getline(in, flags, '+');) packets.push_back(flags);
  if (packets.empty()) packets.emplace_back();
  return packets;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : ", ") + line;
  return text;
}

bool knows_command(const std::string& line) {
  static const std::vector<std::string> kKnown{"-A", "-E", "-D", "-a", "-e", "-d", "-t",
                                               "-u", "-s", "-r", "-g", "-w", "-x", "-y"};
  const std::vector<std::string> words = words_of(line);
  if (!service_of(words) || service_of(words)->port == Port{0}) return false;
  if (has(words, "-s") && option(words, "-s") != "rr") return false;
  return std::ranges::all_of(
      words, [&](const std::string& word) { return word[0] != '-' || has(kKnown, word); });
}

bool knows_sysctl(const Json::Member& setting) {
  const std::int64_t value = setting.second.as_int() == nullptr ? -1 : *setting.second.as_int();
  if (setting.first == "expire_nodest_conn") return value == 0 || value == 1;
  if (setting.first == "conn_reuse_mode") return value == 1;
  return setting.first == "expire_quiescent_template" || value == 0;
}

}  // namespace

std::optional<std::string> missing_for(const Json& recording) {
  if (text_of(recording, "scheduler") != "rr")
    return "scheduler " + text_of(recording, "scheduler");
  if (text_of(recording, "forward") != "DR") return "method " + text_of(recording, "forward");
  for (const std::string& line : texts_of(recording, "commands"))
    if (!knows_command(line)) return line;
  for (const Json& event : items_of(recording, "events"))
    if (!knows_command(text_of(event, "cmd"))) return text_of(event, "cmd");
  if (const Json* const sysctl = recording.find("sysctl"); sysctl != nullptr)
    for (const Json::Member& setting : *sysctl->as_object())
      if (!knows_sysctl(setting)) return setting.first + '=' + to_text(setting.second);
  return std::nullopt;
}

Player::Player(const Json& recording)
    : recording_(recording), engine_({.connections = 4096}, {}, kSchedulers, now_) {
  hop_ = engine_.add_next_hop({.link = {2}, .source = kDirectorMac, .mtu = 1500, .resolved = true})
             .value();
  const Json* const sysctl = recording.find("sysctl");
  const Json* const expire = sysctl == nullptr ? nullptr : sysctl->find("expire_nodest_conn");
  expire_nodest_ = expire != nullptr && expire->as_int() != nullptr && *expire->as_int() == 1;
}

void Player::add_or_edit_server(const ServiceKey& key, const std::vector<std::string>& words) {
  const Endpoint server = *parse_endpoint(option(words, "-r"));
  const auto number = [&](const std::string& name, std::uint32_t otherwise) {
    const std::string text = option(words, name);
    return text.empty() ? otherwise : static_cast<std::uint32_t>(std::stoul(text));
  };
  const ServerConfig config{.address = server.address,
                            .port = server.port,
                            .name = {},
                            .weight = number("-w", 1),
                            .next_hop = hop_,
                            .upper = number("-x", 0),
                            .lower = number("-y", 0)};
  const bool done = has(words, "-a") ? engine_.add_server(key, config).has_value()
                                     : engine_.edit_server(key, config).has_value();
  if (!done) differences_.push_back("a command on a server failed");
}

void Player::command(const std::string& line) {
  const std::vector<std::string> words = words_of(line);
  const ServiceKey key = *service_of(words);
  if (has(words, "-a") || has(words, "-e")) return add_or_edit_server(key, words);
  const ServiceConfig config{
      .key = key, .name = {}, .scheduler = "rr", .expire_nodest_conn = expire_nodest_};
  bool done = true;
  if (has(words, "-A")) done = engine_.add_service(config).has_value();
  if (has(words, "-E")) done = engine_.edit_service(config).has_value();
  if (has(words, "-D")) done = engine_.remove_service(key, now_).has_value();
  if (has(words, "-d")) {
    const Endpoint server = *parse_endpoint(option(words, "-r"));
    done = engine_.remove_server(key, server.address, server.port, now_).has_value();
  }
  if (!done) differences_.push_back("failed: " + line);
}

void Player::wait(Engine& engine, std::uint32_t ticks) {
  now_ = now_ + Ticks{ticks};
  while (engine.expire(now_, 64)) {
  }
}

void Player::send(const Json& connection, const std::string& flags) {
  const bool udp = text_of(connection, "proto") == "udp";
  Bytes frame = make_frame(
      {.source = *parse_ipv4(text_of(connection, "src")),
       .source_port = Port{static_cast<std::uint16_t>(number_of(connection, "sport"))},
       .destination = *parse_ipv4(text_of(connection, "dst")),
       .destination_port = Port{static_cast<std::uint16_t>(number_of(connection, "dport"))},
       .protocol = udp ? Protocol::Udp : Protocol::Tcp,
       .flags = parse_flags(flags)});
  std::array<std::uint8_t, Engine::kAnswerBytes> scratch{};
  Frame given{.bytes = frame, .ingress = {1}};
  const Verdict verdict = engine_.process(given, now_, scratch);
  engine_.count(verdict);
  if (verdict.action == Action::Kernel) host_replies_ = true;
  if (verdict.action == Action::Forward) forwarded_.push_back(packet_text(frame));
  if (verdict.action == Action::Answer)
    replies_.push_back(packet_text(wire::ConstBytes{scratch}.first(verdict.answer_length)));
}

void Player::act(const Json& connection) {
  replies_.clear();
  forwarded_.clear();
  host_replies_ = false;
  wait(engine_, 2);  // the recorder's own commands took longer than a tick
  const std::string action = text_of(connection, "action");
  if (action.starts_with("wait:"))
    return wait(engine_,
                seconds_to_ticks(static_cast<std::uint32_t>(std::stoul(action.substr(5)))).number);
  for (const std::string& flags : packets_of(action)) send(connection, flags);
  compare(connection);
}

void Player::expect_equal(const Json& connection, const std::string& what,
                          const std::string& recorded, const std::string& ours) {
  if (recorded == ours) return;
  differences_.push_back("connection " + std::to_string(number_of(connection, "n")) + ' ' + what +
                         ": recorded \"" + recorded + "\", ours \"" + ours + '"');
}

void Player::compare(const Json& connection) {
  std::vector<ConnectionStatus> all;
  std::uint32_t position = 0;
  do {
    position = engine_.connections(position, 64, now_, all);
  } while (position != 0);
  const std::string client =
      text_of(connection, "src") + ':' + std::to_string(number_of(connection, "sport"));
  const auto found = std::ranges::find_if(all, [&](const ConnectionStatus& status) {
    return endpoint_text(status.client, status.client_port) == client &&
           status.vip_port.number == number_of(connection, "dport");
  });
  const bool known = found != all.end();
  expect_equal(connection, "chosen", text_of(connection, "chosen"),
               known ? endpoint_text(found->server, found->server_port) : "");
  if (connection.find("state") != nullptr)
    expect_equal(connection, "state", text_of(connection, "state"),
                 known ? std::string(found->state) : "");
  // What the recorded host's own stack said to a packet that it got back is not the engine's.
  if (connection.find("replies") != nullptr && !host_replies_)
    expect_equal(connection, "replies", joined(texts_of(connection, "replies")), joined(replies_));
  if (connection.find("forwarded") != nullptr)
    expect_equal(connection, "forwarded", joined(texts_of(connection, "forwarded")),
                 joined(forwarded_));
}

/// "-> 192.168.10.11:80 Route 1 2 0": server, method, weight, active, inactive.
void Player::compare_lists() {
  std::vector<std::string> recorded;
  std::istringstream in(text_of(recording_, "final_ln"));
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string> words = words_of(line);
    if (words.size() == 6 && words[0] == "->" && words[2] == "Route")
      recorded.push_back(words[1] + ' ' + words[3] + ' ' + words[4] + ' ' + words[5]);
  }
  std::vector<std::string> ours;
  for (const ServiceStatus& service : engine_.services())
    for (const ServerStatus& server : service.servers)
      ours.push_back(endpoint_text(server.config.address, server.config.port) + ' ' +
                     std::to_string(server.config.weight) + ' ' + std::to_string(server.active) +
                     ' ' + std::to_string(server.inactive));
  std::ranges::sort(recorded);
  std::ranges::sort(ours);
  if (recorded != ours)
    differences_.push_back("final list: recorded \"" + joined(recorded) + "\", ours \"" +
                           joined(ours) + '"');
}

std::vector<std::string> Player::play() {
  for (const std::string& line : texts_of(recording_, "commands")) command(line);
  const Json::Array& connections = items_of(recording_, "connections");
  for (std::size_t i = 0; i < connections.size(); ++i) {
    for (const Json& event : items_of(recording_, "events"))
      if (number_of(event, "before") == i) command(text_of(event, "cmd"));
    act(connections[i]);
  }
  wait(engine_, 2);
  compare_lists();
  if (!engine_.counters().conserved()) differences_.emplace_back("frames are missing in counters");
  return differences_;
}

}  // namespace lvs::test
