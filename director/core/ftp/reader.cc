#include "director/core/ftp/reader.h"

#include <algorithm>

namespace lvs::director {
namespace {

/// From `from` to `to`, less than 0 where that lies before.
std::int64_t distance(std::uint32_t from, std::uint32_t to) {
  return static_cast<std::int32_t>(to - from);
}

}  // namespace

void FtpReader::begin(std::uint32_t first) {
  length_ = 0;
  end_ = first;
  knows_end_ = true;
  is_too_long_ = false;
}

std::optional<FtpReader::Line> FtpReader::next(std::uint32_t sequence, std::string_view payload) {
  if (payload.empty()) return std::nullopt;
  // Some bytes are missing: that a line begins here is as good a guess as any.
  if (!knows_end_ || distance(end_, sequence) > 0) begin(sequence);
  for (;;) {
    const std::int64_t known = distance(sequence, end_);
    if (known >= static_cast<std::int64_t>(payload.size())) return std::nullopt;
    if (auto line = take(payload.substr(static_cast<std::size_t>(known)))) return line;
  }
}

/// To the line's end, or all that there is; nullopt: of a line that is not looked at.
std::optional<FtpReader::Line> FtpReader::take(std::string_view rest) {
  const std::size_t line_end = rest.find('\n');
  const bool is_over = line_end != std::string_view::npos;
  Line line{rest.substr(0, line_end), length_, end_ - static_cast<std::uint32_t>(length_), is_over};
  end_ += static_cast<std::uint32_t>(line.text.size()) + (is_over ? 1 : 0);

  const bool is_split = !is_over || length_ != 0 || is_too_long_;
  if (is_split) keep(line.text);
  const bool is_known = !is_too_long_;
  if (is_split && is_known) line.text = {kept_.data(), length_};
  if (is_over) {
    length_ = 0;
    is_too_long_ = false;
    if (line.text.ends_with('\r')) line.text.remove_suffix(1);
  }
  if (!is_known) return std::nullopt;
  return line;
}

void FtpReader::keep(std::string_view piece) {
  if (is_too_long_ || piece.size() > kept_.size() - length_) {
    is_too_long_ = true;
    return;
  }
  std::ranges::copy(piece, kept_.data() + length_);
  length_ += piece.size();
}

}  // namespace lvs::director
