#include "director/simulate/template_line.h"

#include <cstddef>
#include <cstdint>

#include "director/core/service_check.h"
#include "net/base/time.h"

namespace lvs::director::simulate {
namespace {

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

std::string two_digits(std::uint32_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

std::string protocol_name(Protocol protocol) {
  switch (protocol) {
    case Protocol::Tcp:
      return "TCP";
    case Protocol::Udp:
      return "UDP";
    case Protocol::Sctp:
      return "SCTP";
    default:
      return "IP";
  }
}

}  // namespace

std::string connection_line(const ConnectionStatus& connection) {
  constexpr std::uint32_t kMinute = 60;
  const std::uint32_t seconds = connection.expires_in.number / kTicksPerSecond;
  return padded(protocol_name(connection.protocol), 3) + ' ' + two_digits(seconds / kMinute) + ':' +
         two_digits(seconds % kMinute) + "  " + padded(std::string{connection.state}, 11) + ' ' +
         padded(text_of(connection.client, connection.client_port), 18) + ' ' +
         padded(text_of(connection.vip, connection.vip_port), 18) + ' ' +
         text_of(connection.server, connection.server_port);
}

}  // namespace lvs::director::simulate
