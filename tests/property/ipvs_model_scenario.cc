#include "tests/property/ipvs_model_scenario.h"

#include <algorithm>
#include <array>

#include "net/wire/transport.h"

namespace lvs::test {
namespace {

using namespace lvs::director;
using namespace wire::tcp_flag;

IpAddr v6(std::uint16_t group, std::uint8_t last) {
  return Ipv6Addr{{0x20, 1, 0xd, 0xb8, static_cast<std::uint8_t>(group >> 8),
                   static_cast<std::uint8_t>(group), 0, 0, 0, 0, 0, 0, 0, 0, 0, last}};
}

constexpr std::uint16_t kVipGroup = 0xff;
constexpr std::uint16_t kClientGroup = 0xc0;
constexpr std::uint32_t kMark = 7;

IpAddr vip(Family family, std::uint8_t last) {
  return family == Family::Ipv4 ? IpAddr{Ipv4Addr(10, 0, 0, last)} : v6(kVipGroup, last);
}

/// Every kind of service there is, in one family.
std::vector<ServiceKey> services_of(Family family) {
  const IpAddr first = vip(family, 1);
  return {
      {Protocol::Tcp, first, Port{80}, 0},   {Protocol::Udp, first, Port{53}, 0},
      {Protocol::Tcp, first, Port{21}, 0},   {Protocol::Tcp, first, Port{0}, 0},
      {Protocol::Sctp, first, Port{900}, 0}, {Protocol::Tcp, vip(family, 2), Port{80}, 0},
      {Protocol::Udp, first, Port{0}, 0},    ServiceKey::of_mark(kMark, family),
  };
}

constexpr std::array kSchedulerNames{"rr",  "wrr", "lc", "wlc", "sed",  "nq",   "fo",
                                     "ovf", "sh",  "dh", "mh",  "lblc", "lblcr"};

}  // namespace

ScenarioDraw::ScenarioDraw(std::uint32_t seed) : draw_(seed) {
  expire_nodest_conn_ = draw_.one_in(4);
  expire_quiescent_template_ = draw_.one_in(2);
  commands_share_ = 4 + draw_.below(16);
  const std::uint32_t families = draw_.below(3);  // IPv4, IPv6, both
  const std::size_t count = 1 + draw_.below(4);
  while (keys_.size() < count) {
    const bool v4 = families == 2 ? draw_.one_in(2) : families == 0;
    const ServiceKey key = one_of(services_of(v4 ? Family::Ipv4 : Family::Ipv6));
    if (std::ranges::find(keys_, key) == keys_.end()) keys_.push_back(key);
  }
}

std::size_t ScenarioDraw::position_of(const ServiceKey& key) const {
  return static_cast<std::size_t>(std::ranges::find(keys_, key) - keys_.begin());
}

Step ScenarioDraw::next(const IpvsModel& model) {
  ++step_;
  if (step_ <= keys_.size())
    return {.kind = Step::Kind::AddService, .service = service(keys_[step_ - 1])};
  if (step_ <= 4 * keys_.size()) {
    const ServiceKey key = keys_[step_ % keys_.size()];
    return {.kind = Step::Kind::AddServer, .service = {.key = key}, .server = server(key)};
  }
  if (draw_.one_in(commands_share_)) return command();
  if (draw_.one_in(6)) return wait();
  return packet(model);
}

/// FTP and a catch-all on one VIP have the same templates, and so each other's servers: timeouts
/// that differ by service (which IPVS has not) are then anybody's.
bool ScenarioDraw::shares_templates() const {
  const auto has_port = [&](Port port) {
    return std::ranges::any_of(keys_, [port](const ServiceKey& key) {
      return key.mark == 0 && key.protocol == Protocol::Tcp && key.port == port;
    });
  };
  return has_port(Port{21}) && has_port(Port{0});
}

ServiceConfig ScenarioDraw::service(const ServiceKey& key) {
  ServiceConfig config{.key = key};
  const bool v4 = config.key.family() == Family::Ipv4;
  config.scheduler = kSchedulerNames[draw_.below(kSchedulerNames.size())];
  config.scheduler_flags.bits = static_cast<std::uint8_t>(draw_.below(4));
  const bool catch_all = config.key.mark == 0 && config.key.port == Port{0};
  // A catch-all that is not persistent is refused: now and then.
  if (catch_all ? !draw_.one_in(30) : draw_.one_in(config.key.port == Port{21} ? 2 : 4))
    config.persistence = Persistence{
        one_of<std::uint32_t>({5, 37, 61, 130, 360}),
        v4 ? one_of<std::uint8_t>({32, 32, 24, 16}) : one_of<std::uint8_t>({128, 128, 64, 127})};
  const bool datagrams = config.key.protocol == Protocol::Udp || config.key.mark != 0;
  config.one_packet = datagrams && draw_.one_in(4);
  config.expire_nodest_conn = expire_nodest_conn_;
  config.expire_quiescent_template = expire_quiescent_template_;
  if (shares_templates()) return config;
  config.tcp_timeout_s = one_of<std::uint32_t>({900, 900, 33});
  config.tcp_fin_timeout_s = one_of<std::uint32_t>({120, 120, 26});
  config.udp_timeout_s = one_of<std::uint32_t>({300, 300, 41});
  return config;
}

ServerConfig ScenarioDraw::server(const ServiceKey& key) {
  const auto group = static_cast<std::uint8_t>(20 + position_of(key));
  const auto number = static_cast<std::uint8_t>(draw_.below(5));
  const auto last = static_cast<std::uint8_t>(11 + number);
  ServerConfig config;
  config.method = static_cast<ForwardMethod>((number + group + draw_.below(8) / 7) % 4);
  // Another family only by a tunnel, and only one server of five.
  const bool other_family = config.method == ForwardMethod::Tunnel && number == 4;
  const bool v4 = (key.family() == Family::Ipv4) != other_family;
  config.address = v4 ? IpAddr{Ipv4Addr(192, 168, group, last)} : v6(group, last);
  const bool one_port = key.port != Port{0} && key.port != Port{21};
  config.port = key.port;
  if (config.method == ForwardMethod::Masq && one_port)
    config.port = Port{static_cast<std::uint16_t>(key.port.number + 8000)};
  config.weight = one_of<std::uint32_t>({0, 1, 1, 1, 2, 3, 4, 6, 10});
  if (draw_.one_in(5)) config.upper = 1 + draw_.below(5);
  if (config.upper != 0 && draw_.one_in(2)) config.lower = draw_.below(config.upper + 1);
  if (draw_.one_in(40)) config.lower = config.upper + 1;  // refused
  return config;
}

Step ScenarioDraw::command() {
  using enum Step::Kind;
  const Step::Kind kind =
      one_of<Step::Kind>({AddService, EditService, EditService, RemoveService, AddServer, AddServer,
                          AddServer, AddServer, EditServer, EditServer, EditServer, RemoveServer,
                          RemoveServer, RemoveServer, Settings});
  Step step{.kind = kind};
  step.service = service(one_of(keys_));
  if (kind == AddServer || kind == EditServer || kind == RemoveServer) {
    step.service = {.key = step.service.key};
    step.server = server(step.service.key);
  }
  step.settings.conn_reuse_mode = draw_.below(4);
  step.settings.sloppy_tcp = draw_.one_in(3);
  return step;
}

Step ScenarioDraw::wait() {
  const std::uint32_t kind = draw_.below(20);
  const std::uint32_t limit = kind < 6    ? 2
                              : kind < 12 ? 300
                              : kind < 17 ? 3000
                              : kind < 19 ? 13000
                                          : 95000;
  return {.kind = Step::Kind::Wait, .wait = Ticks{1 + draw_.below(limit)}};
}

IpAddr ScenarioDraw::client(Family family) {
  const auto last = static_cast<std::uint8_t>(1 + draw_.below(3));
  if (family == Family::Ipv6)
    return v6(static_cast<std::uint16_t>(kClientGroup + draw_.below(2)), last);
  return Ipv4Addr(192, 0, static_cast<std::uint8_t>(2 + draw_.below(2)), last);
}

void ScenarioDraw::draw_content(ModelPacket& packet, bool from_server) {
  const auto flags = [](auto... flag) { return static_cast<std::uint8_t>((flag | ...)); };
  if (packet.protocol == Protocol::Tcp && from_server)
    packet.tcp_flags =
        one_of<std::uint8_t>({flags(kSyn, kAck), flags(kSyn, kAck), kAck, kAck, flags(kFin, kAck),
                              flags(kFin, kAck), kRst, kSyn, flags(kRst, kAck), 0});
  if (packet.protocol == Protocol::Tcp && !from_server)
    packet.tcp_flags = one_of<std::uint8_t>({kSyn,
                                             kSyn,
                                             kSyn,
                                             kSyn,
                                             kSyn,
                                             kSyn,
                                             kSyn,
                                             kAck,
                                             kAck,
                                             kAck,
                                             kAck,
                                             flags(kPsh, kAck),
                                             flags(kFin, kAck),
                                             flags(kFin, kAck),
                                             flags(kFin, kAck),
                                             kFin,
                                             kRst,
                                             flags(kRst, kAck),
                                             flags(kSyn, kAck),
                                             flags(kSyn, kFin),
                                             flags(kSyn, kRst),
                                             0});
  using namespace wire::sctp_chunk;
  if (packet.protocol == Protocol::Sctp)
    packet.sctp_chunk =
        from_server ? one_of<std::uint8_t>({kInitAck, kCookieAck, kData, kShutdownAck, kAbort})
                    : one_of<std::uint8_t>({kInit, kInit, kInit, kCookieEcho, kCookieEcho, kData,
                                            kShutdown, kShutdownComplete, kAbort});
}

ModelPacket ScenarioDraw::request(const ServiceKey& key) {
  ModelPacket packet{.protocol = key.protocol,
                     .source = client(key.family()),
                     .source_port = Port{static_cast<std::uint16_t>(1024 + draw_.below(4))},
                     .destination = key.vip,
                     .destination_port = key.port};
  if (draw_.one_in(40)) packet.source_port = Port{20};
  const Port another = one_of<Port>({Port{80}, Port{443}, Port{20}, Port{5000}, Port{53}});
  if (key.port == Port{0} || (key.port == Port{21} && draw_.one_in(2)) || draw_.one_in(30))
    packet.destination_port = another;
  if (key.mark != 0) {
    packet.protocol = one_of<Protocol>({Protocol::Tcp, Protocol::Tcp, Protocol::Udp});
    const auto last = static_cast<std::uint8_t>(1 + draw_.below(3));
    packet.destination = vip(key.family(), last);
    packet.mark = key.mark;
  }
  return packet;
}

/// Something that a `nat` server says, and be it a removed one.
bool ScenarioDraw::answer(const IpvsModel& model, ModelPacket& packet) {
  std::vector<ConnectionPointer> known = model.connections();
  std::erase_if(known, [](const ConnectionPointer& it) {
    return it->key.is_template || it->method != ForwardMethod::Masq;
  });
  if (known.empty()) return false;
  const ModelConnection& connection = *one_of(known);
  packet = {.protocol = connection.key.protocol,
            .source = connection.server->config.address,
            .source_port = connection.server_port,
            .destination = connection.key.client,
            .destination_port = connection.key.client_port};
  return true;
}

Step ScenarioDraw::packet(const IpvsModel& model) {
  Step step{.kind = Step::Kind::Packet};
  const bool from_server = draw_.one_in(4) && answer(model, step.packet);
  if (!from_server) {
    step.packet = request(one_of(keys_));
    std::vector<ConnectionPointer> known = model.connections();
    std::erase_if(known, [](const ConnectionPointer& it) { return it->key.is_template; });
    if (!known.empty() && draw_.one_in(2)) {
      const ConnectionKey key = one_of(known)->key;
      const std::uint32_t mark = step.packet.mark;
      step.packet = {key.protocol, key.client, key.client_port, key.vip, key.vip_port, 0, 0, mark};
    }
  }
  draw_content(step.packet, from_server);
  return step;
}

}  // namespace lvs::test
