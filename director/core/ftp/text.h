#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "net/wire/addr.h"

// The lines of an FTP control connection that say where somebody waits for data: commands PORT and
// EPRT of the client, answers 227 (to PASV) and 229 (to EPSV) of the server (RFC 959, RFC 2428).
// Nothing here allocates, whatever the bytes are.

namespace lvs::director {

struct FtpAnnouncement {
  std::optional<IpAddr> address{};  ///< 229 tells none: it is the server's own
  Port port{};                      ///< never 0
  /// Which bytes of the line say it: the six numbers, or of 229 the port alone.
  std::size_t begin = 0;
  std::size_t length = 0;
  /// So many bytes of a line that has not ended yet must be there, so that no more can change it.
  std::size_t certain_at = 0;
};

/// A line without its end. PORT and EPRT, in upper or lower case.
std::optional<FtpAnnouncement> parse_ftp_command(std::string_view line);
/// 227 with or without parentheses (RFC 1123, 4.1.2.6), and 229.
std::optional<FtpAnnouncement> parse_ftp_answer(std::string_view line);

/// What stands in place of an announcement's bytes.
struct FtpText {
  static constexpr std::size_t kLongest = 23;  // "255,255,255,255,255,255"
  std::array<char, kLongest> bytes{};
  std::uint8_t length = 0;

  constexpr std::string_view view() const { return {bytes.data(), length}; }
};
/// "203,0,113,10,156,64"
FtpText write_ftp_endpoint(Ipv4Addr address, Port port);
/// "40000"
FtpText write_ftp_port(Port port);

}  // namespace lvs::director
