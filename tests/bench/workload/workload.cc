#include "tests/bench/workload/workload.h"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <utility>

#include "director/io/table_memory.h"
#include "net/wire/transport.h"

namespace lvs::bench {
namespace {

using director::Action;
using director::ForwardMethod;

constexpr std::size_t kRounds = 1024;  // of expiry, at most
/// A flow that only began stays a minute (SYN_RECV): with a batch a second some 60 batches are
/// there at a time.
constexpr Ticks kBetweenBatches = seconds_to_ticks(1);

director::NextHop hop(std::uint32_t link, Family family) {
  const IpAddr own = server_address(family, 0xffff);
  return {.link = {link},
          .source = MacAddr{{0x02, 0, 0, 0, 0, 0x02}},
          .destination = MacAddr{{0x02, 0, 0, 0, 0, 0x11}},
          .own_address = own,
          .mtu = 1500,
          .resolved = true};
}

director::EngineLimits limits_of(const Scene& scene) {
  return {.connections = scene.connections,
          .new_flows_per_second = std::numeric_limits<std::uint32_t>::max()};
}

}  // namespace

Workload::Workload(const Scene& scene)
    : scene_(scene),
      frames_(scene.family),
      engine_(limits_of(scene), {{0x0706050403020100, 0x0f0e0d0c0b0a0908}}, director::kSchedulers,
              now_, director::map_table_memory(limits_of(scene)).value()),
      memory_(kBatch) {
  to_servers_ = engine_.add_next_hop(hop(2, scene.family)).value();
  add_services();
  if (scene.replies) add_ways_back();
  if (scene.opens_flows) return;
  open_flows();
}

void Workload::add_services() {
  for (std::uint32_t service = 0; service < scene_.services; ++service) {
    director::ServiceConfig config;
    config.key = {Protocol::Tcp, vip_address(scene_.family, service), kVipPort};
    config.scheduler = scene_.scheduler;
    engine_.add_service(config).value();
    add_servers(config.key);
  }
}

void Workload::add_servers(const director::ServiceKey& service) {
  for (std::uint32_t server = 0; server < scene_.servers; ++server) {
    director::ServerConfig config;
    config.address = server_address(scene_.family, server);
    config.port = kServerPort;
    config.weight = scene_.weight_unit * (1 + server % 4);
    config.method = scene_.method;
    config.tunnel.type = scene_.tunnel;
    if (scene_.tunnel == director::TunnelType::Gue) config.tunnel.port = Port{6080};
    config.next_hop = to_servers_;
    engine_.add_server(service, config).value();
  }
}

void Workload::add_ways_back() {
  const director::NextHopId back = engine_.add_next_hop(hop(1, scene_.family)).value();
  for (std::uint32_t flow = 0; flow < kClients && flow < scene_.flows; ++flow)
    engine_.set_route(client_address(scene_.family, flow), back);
}

/// Each flow with its handshake, as far as its client takes part.
void Workload::open_flows() {
  for (std::uint32_t flow = 0; flow < scene_.flows; ++flow) {
    FlowFrames::Ends ends = ends_of(flow);
    if (scene_.replies)
      ends = {client_address(scene_.family, flow), vip_address(scene_.family, 0), client_port(flow),
              kVipPort};
    for (const std::uint8_t flags : {wire::tcp_flag::kSyn, wire::tcp_flag::kAck}) {
      frames_.write({memory_[0].data() + director::kHeadroom, frames_.frame_bytes()}, ends, flags);
      director::Frame frame{
          .bytes = {memory_[0].data() + director::kHeadroom, frames_.frame_bytes()},
          .headroom = director::kHeadroom,
          .ingress = {1},
          .offload = {.checksum_unfinished = true}};
      if (engine_.process(frame, now_, scratch_).action != expected()) ++misjudged_;
    }
  }
}

std::uint32_t Workload::service_of(std::uint32_t flow) const {
  return scene_.over_all_services ? flow % scene_.services : scene_.services / 2;
}

FlowFrames::Ends Workload::ends_of(std::uint32_t flow) const {
  const IpAddr client = client_address(scene_.family, flow);
  if (scene_.replies)
    return {server_address(scene_.family, 0), client, kServerPort, client_port(flow)};
  return {client, vip_address(scene_.family, service_of(flow)), client_port(flow), kVipPort};
}

void Workload::write(std::size_t at, std::uint32_t flow, std::uint8_t tcp_flags) {
  const std::span<std::uint8_t> bytes =
      std::span(memory_[at]).subspan(director::kHeadroom, frames_.frame_bytes());
  frames_.write(bytes, ends_of(flow), tcp_flags);
  batch_[at] = {.bytes = bytes,
                .headroom = director::kHeadroom,
                .tailroom = kFrameRoom - director::kHeadroom - bytes.size(),
                .ingress = {1},
                .offload = {.checksum_unfinished = true}};
}

std::uint32_t Workload::next_flow() {
  if (scene_.opens_flows) return opened_++;
  random_ ^= random_ << 13u;
  random_ ^= random_ >> 7u;
  random_ ^= random_ << 17u;
  return static_cast<std::uint32_t>((random_ >> 32u) * scene_.flows >> 32u);
}

void Workload::judge() {
  if (!std::exchange(has_verdicts_, false)) return;
  for (const director::Verdict& verdict : verdicts_)
    if (verdict.action != expected()) ++misjudged_;
}

void Workload::prepare() {
  judge();
  if (scene_.opens_flows) {
    now_ = now_ + kBetweenBatches;
    for (std::size_t round = 0; round < kRounds && engine_.expire(now_, kBatch); ++round) {
    }
  }
  const std::uint8_t flags = scene_.opens_flows ? wire::tcp_flag::kSyn : wire::tcp_flag::kAck;
  for (std::size_t at = 0; at < kBatch; ++at) write(at, next_flow(), flags);
}

void Workload::process() {
  std::array<director::Engine::Ahead, kBatch> ahead{};
  for (std::size_t at = 0; at < kBatch; ++at) ahead[at] = engine_.look_ahead(batch_[at]);
  for (std::size_t at = 0; at < kBatch; ++at) engine_.load_ahead(ahead[at]);
  for (std::size_t at = 0; at < kBatch; ++at) {
    verdicts_[at] = engine_.process(batch_[at], now_, scratch_);
    engine_.count(verdicts_[at]);
  }
  has_verdicts_ = true;
}

double Workload::run_batch() {
  using Clock = std::chrono::steady_clock;
  prepare();
  const Clock::time_point begin = Clock::now();
  process();
  const std::chrono::duration<double, std::nano> took = Clock::now() - begin;
  return took.count() / kBatch;
}

director::Action Workload::expected() const {
  return scene_.method == ForwardMethod::Local ? Action::Local : Action::Forward;
}

void Workload::check() {
  judge();
  if (misjudged_ == 0) return;
  std::cerr << "bench: " << misjudged_ << " packets met another end than they should\n";
  std::abort();
}

}  // namespace lvs::bench
