#include "director/io/outbox.h"

#include <algorithm>
#include <cassert>

namespace lvs::director {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;
constexpr std::size_t kExpectedFrames = 1024;
constexpr std::size_t kHeader = sizeof(linux_net::VirtioHeader);

}  // namespace

Outbox::Outbox(Carrier& carrier) : carrier_(carrier), pieces_(kPieceBytes) {
  frames_.reserve(kExpectedFrames);
  lost_.reserve(kExpectedFrames);
}

void Outbox::add(const Letter& letter, std::span<const std::uint8_t> with_header) {
  frames_.push_back({letter.link, with_header, false});
  lost_.push_back(letter.lost);
}

void Outbox::add_pieces(const Letter& letter, wire::FrameSplitter& splitter) {
  const std::size_t longest = kHeader + splitter.longest_piece();
  assert(longest <= pieces_.size());
  while (true) {
    if (used_ + longest > pieces_.size()) flush();
    const std::span<std::uint8_t> room = std::span(pieces_).subspan(used_);
    const std::size_t length = splitter.next(room.subspan(kHeader));
    if (length == 0) return;
    std::ranges::fill(room.first(kHeader), std::uint8_t{0});
    add(letter, room.first(kHeader + length));
    used_ += kHeader + length;
  }
}

void Outbox::flush() {
  if (!frames_.empty()) carrier_.send(frames_);
  for (std::size_t i = 0; i < frames_.size(); ++i)
    if (!frames_[i].sent) *lost_[i] = true;
  frames_.clear();
  lost_.clear();
  used_ = 0;
}

}  // namespace lvs::director
