#include "director/core/ftp/stream.h"

#include <algorithm>

namespace lvs::director {
namespace {

/// From `from` to `to`, less than 0 where that lies before.
std::int64_t distance(std::uint32_t from, std::uint32_t to) {
  return static_cast<std::int32_t>(to - from);
}

}  // namespace

std::uint32_t FtpStream::Edit::put_in(std::uint32_t taken) const {
  if (taken >= length) return text.length;
  return std::min(taken, std::uint32_t{text.length});
}

bool FtpStream::begin(std::uint32_t first) {
  if (has_begun_ && first_ == first) return false;
  *this = FtpStream{};
  first_ = first;
  has_begun_ = true;
  return true;
}

std::uint32_t FtpStream::to_client(std::uint32_t sequence) const {
  for (std::size_t i = kMostEdits; i-- > 0;) {
    const Edit& edit = edits_[i];
    if (edit.length == 0) break;
    const std::int64_t behind = distance(edit.begin, sequence);
    if (behind >= std::int64_t{edit.length}) return sequence + edit.after();
    if (behind > 0)
      return edit.begin + edit.before + edit.put_in(static_cast<std::uint32_t>(behind));
    if (i == 0 || edits_[i - 1].length == 0) return sequence + edit.before;
  }
  return sequence;
}

std::uint32_t FtpStream::to_server(std::uint32_t acknowledgement) const {
  for (std::size_t i = kMostEdits; i-- > 0;) {
    const Edit& edit = edits_[i];
    if (edit.length == 0) break;
    const std::int64_t behind = distance(edit.begin + edit.before, acknowledgement);
    if (behind >= std::int64_t{edit.text.length} && behind >= 0)
      return acknowledgement - edit.after();
    if (behind > 0) {
      const std::uint32_t whole =
          std::min(static_cast<std::uint32_t>(behind), edit.length - std::uint32_t{1});
      return edit.begin + whole;
    }
    if (i == 0 || edits_[i - 1].length == 0) return acknowledgement - edit.before;
  }
  return acknowledgement;
}

std::optional<FtpStream::Replacement> FtpStream::replacement(std::size_t index,
                                                             std::uint32_t sequence,
                                                             std::size_t length) const {
  const Edit& edit = edits_[index];
  const std::int64_t begin = distance(sequence, edit.begin);
  const std::int64_t from = std::max(begin, std::int64_t{0});
  const std::int64_t to = std::min(begin + edit.length, static_cast<std::int64_t>(length));
  if (edit.length == 0 || from >= to) return std::nullopt;
  const std::size_t text_from = edit.put_in(static_cast<std::uint32_t>(from - begin));
  const std::size_t text_to = edit.put_in(static_cast<std::uint32_t>(to - begin));
  return Replacement{static_cast<std::size_t>(from), static_cast<std::size_t>(to - from),
                     edit.text.view().substr(text_from, text_to - text_from)};
}

void FtpStream::edit(std::uint32_t sequence, std::size_t length, const FtpText& text) {
  const Edit& last = edits_.back();
  const std::uint32_t before = last.length == 0 ? 0 : last.after();
  std::shift_left(edits_.begin(), edits_.end(), 1);
  edits_.back() = {sequence, before, static_cast<std::uint32_t>(length), text};
}

}  // namespace lvs::director
