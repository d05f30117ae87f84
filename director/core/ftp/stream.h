#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "director/core/ftp/text.h"

namespace lvs::director {

/// What is different between the bytes that a server sends on a control connection and those that
/// its client is to get: edits, each with other bytes in the place of some, and so the numbers of
/// all that follow. The way from the client has no edits: what PORT and EPRT say holds behind a
/// director too.
///
/// Each byte that an edit takes out stands for a part of what it puts in: the first for the first
/// and so on, the last for all that is left (or for nothing, where less is put in). So a segment
/// may begin and end anywhere, as those do that are sent again, and what it becomes never
/// contradicts what was sent before. An acknowledgement of a part is told as one of no more than
/// the bytes that this part stands for.
///
/// Only bytes that were never sent are edited. The last kMostEdits are known; an older one was
/// acknowledged long ago, because FTP answers one command after the other. Numbers are compared
/// within 2^31 of each other, which is more than a control connection ever carries.
class FtpStream {
 public:
  static constexpr std::size_t kMostEdits = 4;

  /// Bytes of a segment's payload, and what comes in their place.
  struct Replacement {
    std::size_t offset = 0;
    std::size_t removed = 0;
    std::string_view inserted{};  ///< of this stream
  };

  /// The server's first byte will have this number; nothing was edited yet. False, and nothing
  /// changed, when that is known: its SYN came once more.
  bool begin(std::uint32_t first);

  // Numbers. Both ways keep the order.
  /// A sequence number of the server, as the client knows it.
  std::uint32_t to_client(std::uint32_t sequence) const;
  /// An acknowledgement of the client, as the server understands it.
  std::uint32_t to_server(std::uint32_t acknowledgement) const;

  /// What an edit does to the payload of a segment; nullopt: nothing. Those of higher indices lie
  /// behind, so they are carried out first, kMostEdits - 1 to 0.
  std::optional<Replacement> replacement(std::size_t index, std::uint32_t sequence,
                                         std::size_t length) const;

  /// Not less than an edit before and not sent yet; `length` is more than 0.
  void edit(std::uint32_t sequence, std::size_t length, const FtpText& text);

 private:
  struct Edit {
    std::uint32_t begin = 0;   ///< in the server's numbers
    std::uint32_t before = 0;  ///< what is added to numbers up to `begin`, modulo 2^32
    std::uint32_t length = 0;  ///< bytes taken out; 0: no edit
    FtpText text{};

    std::uint32_t after() const { return before + text.length - length; }
    /// How much was put in for the first `taken` bytes.
    std::uint32_t put_in(std::uint32_t taken) const;
  };

  std::array<Edit, kMostEdits> edits_{};  ///< the oldest first; the empty ones in front
  std::uint32_t first_ = 0;
  bool has_begun_ = false;
};

}  // namespace lvs::director
