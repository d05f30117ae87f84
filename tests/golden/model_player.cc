#include "tests/golden/model_player.h"

#include <algorithm>
#include <array>
#include <bit>
#include <sstream>
#include <string_view>
#include <utility>

#include "net/wire/addr_text.h"
#include "net/wire/transport.h"
#include "tests/golden/recording.h"

namespace lvs::test {
namespace {

using namespace lvs::director;

/// The recorder's own commands took longer than a tick.
constexpr Ticks kBetweenSteps{2};

struct Endpoint {
  IpAddr address{};
  Port port{};
};

Port port_of(const std::string& text) { return Port{static_cast<std::uint16_t>(std::stoul(text))}; }

/// "10.0.0.1:80", "[fd00::1]:80", or without a port.
Endpoint parse_endpoint(const std::string& text) {
  const bool bracketed = text.starts_with('[');
  const std::size_t end = bracketed ? text.find(']') : text.find(':');
  const std::string address = bracketed ? text.substr(1, end - 1) : text.substr(0, end);
  const std::size_t colon = bracketed ? text.find(':', end) : end;
  return {parse_ip(address).value(),
          colon == std::string::npos ? Port{} : port_of(text.substr(colon + 1))};
}

std::string endpoint_text(const IpAddr& address, Port port) {
  const std::string text = to_string(address);
  return (address.is_v4() ? text : '[' + text + ']') + ':' + std::to_string(port.number);
}

bool has(const std::vector<std::string>& words, const std::string& name) {
  return std::ranges::find(words, name) != words.end();
}
std::string option(const std::vector<std::string>& words, const std::string& name) {
  const auto found = std::ranges::find(words, name);
  return found == words.end() || found + 1 == words.end() ? std::string{} : *(found + 1);
}
std::uint32_t number_option(const std::vector<std::string>& words, const std::string& name,
                            std::uint32_t otherwise) {
  const std::string text = option(words, name);
  return text.empty() || text.starts_with('-') ? otherwise
                                               : static_cast<std::uint32_t>(std::stoul(text));
}

ServiceKey key_of(const std::vector<std::string>& words) {
  if (has(words, "-f"))
    return ServiceKey::of_mark(number_option(words, "-f", 0),
                               has(words, "-6") ? Family::Ipv6 : Family::Ipv4);
  const bool tcp = has(words, "-t");
  const Endpoint vip = parse_endpoint(option(words, tcp ? "-t" : "-u"));
  return {tcp ? Protocol::Tcp : Protocol::Udp, vip.address, vip.port, 0};
}

std::uint8_t mask_bits(const std::string& text, Family family) {
  if (text.empty()) return family == Family::Ipv4 ? 32 : 128;
  if (text.find('.') == std::string::npos) return static_cast<std::uint8_t>(std::stoul(text));
  return static_cast<std::uint8_t>(std::popcount(parse_ipv4(text).value().number()));
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
    if (letters.find(letter) != std::string::npos) flags = static_cast<std::uint8_t>(flags | flag);
  return flags;
}
std::string flag_text(std::uint8_t flags) {
  std::string text;
  for (const auto& [letter, flag] : kFlagLetters)
    if ((flags & flag) != 0) text += letter;
  return text;
}

/// The packets of an action, by their flags.
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

std::string text_of(const ModelPacket& packet) {
  const std::string text = to_string(packet.protocol) + ' ' +
                           endpoint_text(packet.source, packet.source_port) + " > " +
                           endpoint_text(packet.destination, packet.destination_port);
  return packet.protocol == Protocol::Tcp ? text + ' ' + flag_text(packet.tcp_flags) : text;
}

std::string unreachable_text(const ModelPacket& packet) {
  const bool v4 = packet.destination.is_v4();
  return (v4 ? "icmp " : "icmp6 ") + to_string(packet.destination) + " > " +
         to_string(packet.source) + (v4 ? " type 3 code 3" : " type 1 code 4");
}

/// What a host says to a packet of nothing that it has: RFC 9293, 3.10.7.1, and RFC 1122, 4.1.3.1.
std::optional<std::string> host_reply(const ModelPacket& packet) {
  if (packet.protocol == Protocol::Udp) return unreachable_text(packet);
  if ((packet.tcp_flags & wire::tcp_flag::kRst) != 0) return std::nullopt;
  const bool acknowledges = (packet.tcp_flags & wire::tcp_flag::kAck) != 0;
  return "tcp " + endpoint_text(packet.destination, packet.destination_port) + " > " +
         endpoint_text(packet.source, packet.source_port) + (acknowledges ? " R" : " RA");
}

}  // namespace

ModelPlayer::ModelPlayer(const Json& recording) : recording_(recording) {
  EngineSettings settings;
  const Json* const sysctl = recording.find("sysctl");
  const auto value = [&](const std::string& name, std::uint32_t otherwise) {
    return sysctl == nullptr ? otherwise
                             : static_cast<std::uint32_t>(sysctl->int_at(name).value_or(otherwise));
  };
  settings.conn_reuse_mode = value("conn_reuse_mode", 1);
  settings.sloppy_tcp = value("sloppy_tcp", 0) != 0;
  defaults_.expire_nodest_conn = value("expire_nodest_conn", 0) != 0;
  defaults_.expire_quiescent_template = value("expire_quiescent_template", 0) != 0;
  model_.set_settings(settings);
}

void ModelPlayer::service_command(const std::vector<std::string>& words) {
  ServiceConfig config = defaults_;
  config.key = key_of(words);
  if (has(words, "-s")) config.scheduler = option(words, "-s");
  const std::string flags = option(words, "-b");
  if (flags.find("fallback") != std::string::npos)
    config.scheduler_flags.bits |= SchedulerFlags::kFirst;
  if (flags.find("port") != std::string::npos)
    config.scheduler_flags.bits |= SchedulerFlags::kSecond;
  if (has(words, "-p"))
    config.persistence = Persistence{number_option(words, "-p", 360),
                                     mask_bits(option(words, "-M"), config.key.family())};
  config.one_packet = has(words, "-o");
  if (!(has(words, "-A") ? model_.add_service(config) : model_.edit_service(config)))
    differences_.emplace_back("refused a service");
}

void ModelPlayer::server_command(const ServiceKey& key, const std::vector<std::string>& words) {
  const Endpoint server = parse_endpoint(option(words, "-r"));
  const ServerConfig config{
      .address = server.address,
      .port = server.port == Port{0} ? key.port : server.port,
      .name = {},
      .weight = number_option(words, "-w", 1),
      .method = has(words, "-m") ? ForwardMethod::Masq : ForwardMethod::Route,
      .tunnel = {},
      .next_hop = {},
      .upper = number_option(words, "-x", 0),
      .lower = number_option(words, "-y", 0),
  };
  const bool done = has(words, "-a")   ? model_.add_server(key, config)
                    : has(words, "-e") ? model_.edit_server(key, config)
                                       : model_.remove_server(key, config.address, config.port);
  if (!done) differences_.emplace_back("refused a server");
}

void ModelPlayer::command(const std::string& line) {
  const std::vector<std::string> words = words_of(line);
  if (has(words, "--set-mark")) {
    MarkRule rule;
    const std::string to = option(words, "-d");
    rule.destination = to.find('/') != std::string::npos
                           ? parse_prefix(to).value()
                           : Prefix{parse_ip(to).value(), parse_ip(to).value().bits()};
    if (option(words, "-p") == "tcp") rule.protocol = Protocol::Tcp;
    rule.port = Port{static_cast<std::uint16_t>(number_option(words, "--dport", 0))};
    rule.mark = number_option(words, "--set-mark", 0);
    marks_.push_back(rule);
    return;
  }
  if (words.empty() || words[0] != "ipvsadm") return;  // a route that makes VIPs local
  if (has(words, "-A") || has(words, "-E")) return service_command(words);
  if (has(words, "-D")) {
    if (!model_.remove_service(key_of(words))) differences_.emplace_back("refused -D");
    return;
  }
  server_command(key_of(words), words);
}

ModelPacket ModelPlayer::packet_of(const Json& connection, const std::string& flags) const {
  ModelPacket packet{
      .protocol = test::text_of(connection, "proto") == "udp" ? Protocol::Udp : Protocol::Tcp,
      .source = parse_ip(test::text_of(connection, "src")).value(),
      .source_port = Port{static_cast<std::uint16_t>(number_of(connection, "sport"))},
      .destination = parse_ip(test::text_of(connection, "dst")).value(),
      .destination_port = Port{static_cast<std::uint16_t>(number_of(connection, "dport"))},
      .tcp_flags = parse_flags(flags),
  };
  for (const MarkRule& rule : marks_)
    if (rule.destination.contains(packet.destination) &&
        (rule.protocol == kAnyProtocol || rule.protocol == packet.protocol) &&
        (rule.port == Port{0} || rule.port == packet.destination_port))
      packet.mark = rule.mark;
  return packet;
}

void ModelPlayer::send(const ModelPacket& packet) {
  const std::optional<ModelVerdict> verdict = model_.packet(packet);
  if (!verdict) return differences_.push_back("the model does not know a packet");
  switch (verdict->kind) {
    case ModelVerdict::Kind::Forward: {
      ModelPacket sent = packet;
      if (verdict->method == ForwardMethod::Masq) {
        sent.destination = verdict->server->config.address;
        sent.destination_port = verdict->server_port;
      }
      forwarded_.push_back(text_of(sent));
      chosen_ = endpoint_text(verdict->server->config.address, verdict->server_port);
      break;
    }
    case ModelVerdict::Kind::Unreachable:
      replies_.push_back(unreachable_text(packet));
      break;
    case ModelVerdict::Kind::Host:
      if (const auto reply = host_reply(packet)) replies_.push_back(*reply);
      break;
    default:
      break;
  }
}

void ModelPlayer::act(const Json& connection) {
  replies_.clear();
  forwarded_.clear();
  chosen_.clear();
  model_.wait(kBetweenSteps);
  const std::string action = test::text_of(connection, "action");
  if (action.starts_with("wait:"))
    return model_.wait(seconds_to_ticks(static_cast<std::uint32_t>(std::stoul(action.substr(5)))));
  ModelPacket packet;
  for (const std::string& flags : packets_of(action)) {
    packet = packet_of(connection, flags);
    send(packet);
  }
  compare(connection, packet);
}

void ModelPlayer::expect_equal(const std::string& what, const std::string& recorded,
                               const std::string& ours) {
  if (recorded == ours) return;
  differences_.push_back(what + ": recorded \"" + recorded + "\", the model's \"" + ours + '"');
}

void ModelPlayer::compare(const Json& connection, const ModelPacket& packet) {
  const std::string at = "connection " + std::to_string(number_of(connection, "n")) + ' ';
  const ConnectionPointer entry = model_.connection_of(packet);
  const bool has_state = connection.find("state") != nullptr;
  const std::string in_table =
      entry == nullptr ? "" : endpoint_text(entry->server->config.address, entry->server_port);
  // A one-packet connection is never in the table: its recordings read the forwarded packet.
  const bool recorded_none = test::text_of(connection, "chosen").empty();
  const std::string chosen = !in_table.empty() || has_state || recorded_none ? in_table : chosen_;
  expect_equal(at + "chosen", test::text_of(connection, "chosen"), chosen);
  if (has_state)
    expect_equal(at + "state", test::text_of(connection, "state"),
                 entry == nullptr ? "" : entry->state);
  if (connection.find("replies") != nullptr)
    expect_equal(at + "replies", joined(texts_of(connection, "replies")), joined(replies_));
  if (connection.find("forwarded") != nullptr)
    expect_equal(at + "forwarded", joined(texts_of(connection, "forwarded")), joined(forwarded_));
}

void ModelPlayer::compare_lists() {
  std::vector<std::string> recorded;
  std::istringstream listing(test::text_of(recording_, "final_ln"));
  for (std::string line; std::getline(listing, line);) {
    const std::vector<std::string> words = words_of(line);
    if (words.size() == 6 && words[0] == "->" && words[1] != "RemoteAddress:Port")
      recorded.push_back(words[1] + ' ' + words[3] + ' ' + words[4] + ' ' + words[5]);
  }
  std::vector<std::string> ours;
  for (const auto& [key, service] : model_.services())
    for (const ServerPointer& server : service.servers)
      ours.push_back(endpoint_text(server->config.address, server->config.port) + ' ' +
                     std::to_string(server->config.weight) + ' ' + std::to_string(server->active) +
                     ' ' + std::to_string(server->inactive));
  std::ranges::sort(recorded);
  std::ranges::sort(ours);
  expect_equal("final list", joined(recorded), joined(ours));
}

void ModelPlayer::compare_templates() {
  std::vector<std::string> recorded;
  for (const std::string& line : texts_of(recording_, "templates")) {
    std::vector<std::string> words = words_of(line);
    words.erase(words.begin() + 1);  // its expiry varies
    std::string text;
    for (const std::string& word : words) text += word + ' ';
    recorded.push_back(text);
  }
  std::vector<std::string> ours;
  for (const ConnectionPointer& entry : model_.connections()) {
    if (!entry->key.is_template) continue;
    const bool marked = entry->key.mark != 0;
    const IpAddr vip = marked ? IpAddr{Ipv4Addr{entry->key.mark}} : entry->key.vip;
    const std::string protocol = marked                                 ? "IP"
                                 : entry->key.protocol == Protocol::Tcp ? "TCP"
                                                                        : "UDP";
    ours.push_back(protocol + ' ' + entry->state + ' ' + endpoint_text(entry->key.client, Port{0}) +
                   ' ' + endpoint_text(vip, entry->key.vip_port) + ' ' +
                   endpoint_text(entry->server->config.address, entry->server_port) + ' ');
  }
  std::ranges::sort(recorded);
  std::ranges::sort(ours);
  expect_equal("templates", joined(recorded), joined(ours));
}

std::vector<std::string> ModelPlayer::play() {
  for (const std::string& line : texts_of(recording_, "commands")) command(line);
  const Json::Array& connections = items_of(recording_, "connections");
  for (std::size_t i = 0; i <= connections.size(); ++i) {
    for (const Json& event : items_of(recording_, "events"))
      if (number_of(event, "before") == i) command(test::text_of(event, "cmd"));
    if (i < connections.size()) act(connections[i]);
  }
  model_.wait(kBetweenSteps);
  compare_lists();
  compare_templates();
  return differences_;
}

}  // namespace lvs::test
