#include <array>
#include <utility>

#include "net/wire/addr_text.h"
#include "net/wire/transport.h"
#include "tests/property/ipvs_model_scenario.h"

namespace lvs::test {
namespace {

using namespace lvs::director;

std::string number(std::uint64_t value) { return std::to_string(value); }

std::string content_text(const ModelPacket& packet) {
  if (packet.protocol == Protocol::Sctp) return " chunk " + number(packet.sctp_chunk);
  if (packet.protocol != Protocol::Tcp) return "";
  using namespace wire::tcp_flag;
  constexpr std::array<std::pair<char, std::uint8_t>, 5> kLetters{
      {{'S', kSyn}, {'F', kFin}, {'R', kRst}, {'P', kPsh}, {'A', kAck}}};
  std::string text = " ";
  for (const auto& [letter, flag] : kLetters)
    if ((packet.tcp_flags & flag) != 0) text += letter;
  return text == " " ? " none" : text;
}

std::string packet_text(const ModelPacket& packet) {
  return "packet " + to_string(packet.protocol) + ' ' +
         endpoint_text(packet.source, packet.source_port) + " > " +
         endpoint_text(packet.destination, packet.destination_port) + content_text(packet) +
         (packet.mark == 0 ? "" : " mark " + number(packet.mark));
}

std::string service_text(const ServiceConfig& config) {
  std::string text = text_of(config.key) + " -s " + config.scheduler;
  if (config.scheduler_flags.bits != 0) text += " -b " + number(config.scheduler_flags.bits);
  if (config.persistence)
    text +=
        " -p " + number(config.persistence->timeout_s) + " -M " + number(config.persistence->mask);
  if (config.one_packet) text += " -o";
  return text + " timeouts " + number(config.tcp_timeout_s) + ' ' +
         number(config.tcp_fin_timeout_s) + ' ' + number(config.udp_timeout_s) +
         " expire_nodest_conn=" + number(config.expire_nodest_conn ? 1 : 0) +
         " expire_quiescent_template=" + number(config.expire_quiescent_template ? 1 : 0);
}

std::string server_text(const Step& step) {
  constexpr std::array kMethods{" -m", " local", " -i", " -g"};
  const ServerConfig& config = step.server;
  std::string text = text_of(step.service.key) + " -r " +
                     endpoint_text(config.address, server_port_in(step.service.key, config));
  if (step.kind == Step::Kind::RemoveServer) return text;
  text += kMethods[static_cast<std::size_t>(config.method)];
  text += " -w " + number(config.weight);
  if (config.upper != 0) text += " -x " + number(config.upper);
  if (config.lower != 0) text += " -y " + number(config.lower);
  return text;
}

}  // namespace

std::string endpoint_text(const IpAddr& address, Port port) {
  const std::string text = to_string(address);
  return (address.is_v4() ? text : '[' + text + ']') + ':' + number(port.number);
}

std::string text_of(const ServiceKey& key) {
  if (key.mark != 0) return "-f " + number(key.mark) + (key.vip.is_v4() ? "" : " -6");
  const std::string option = key.protocol == Protocol::Tcp   ? "-t "
                             : key.protocol == Protocol::Udp ? "-u "
                                                             : "--sctp-service ";
  return option + endpoint_text(key.vip, key.port);
}

std::string text_of(const Step& step) {
  switch (step.kind) {
    case Step::Kind::AddService:
      return "-A " + service_text(step.service);
    case Step::Kind::EditService:
      return "-E " + service_text(step.service);
    case Step::Kind::RemoveService:
      return "-D " + text_of(step.service.key);
    case Step::Kind::AddServer:
      return "-a " + server_text(step);
    case Step::Kind::EditServer:
      return "-e " + server_text(step);
    case Step::Kind::RemoveServer:
      return "-d " + server_text(step);
    case Step::Kind::Settings:
      return "sysctl conn_reuse_mode=" + number(step.settings.conn_reuse_mode) +
             " sloppy_tcp=" + number(step.settings.sloppy_tcp ? 1 : 0);
    case Step::Kind::Packet:
      return packet_text(step.packet);
    case Step::Kind::Wait:
      return "wait " + number(step.wait.number) + " ticks";
  }
  return "";
}

}  // namespace lvs::test
