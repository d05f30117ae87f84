#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace lvs::director {

/// One way of an FTP control connection as lines, each byte read once, whatever segments it comes
/// in and however often. Nothing here allocates. Numbers are compared within 2^31 of each other,
/// which is more than a control connection ever carries.
class FtpReader {
 public:
  /// Of a line that comes in more than one segment no more than so many bytes are kept; a longer
  /// one is not looked at. Announcements take some 60.
  static constexpr std::size_t kLongestKept = 128;

  struct Line {
    std::string_view text;        ///< without CR LF or LF; valid until the next call
    std::size_t came_before = 0;  ///< so many bytes of it came in earlier segments
    std::uint32_t sequence = 0;   ///< of its first byte
    bool is_over = false;         ///< false: more of it is to come
  };

  /// The first byte will have this number; nothing was read yet. Without it the first segment that
  /// comes is taken for the begin of a line.
  void begin(std::uint32_t first);
  /// The next line of a segment, as far as it is new; nullopt: there is none. To be asked until
  /// then. One that is not over yet is told of, and again when more of it has come.
  std::optional<Line> next(std::uint32_t sequence, std::string_view payload);

 private:
  std::optional<Line> take(std::string_view rest);
  void keep(std::string_view piece);

  std::array<char, kLongestKept> kept_{};
  std::size_t length_ = 0;  ///< of what is kept of a line that is not over
  std::uint32_t end_ = 0;   ///< behind the last byte that was read
  bool knows_end_ = false;
  bool is_too_long_ = false;
};

}  // namespace lvs::director
