#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "director/io/carrier.h"
#include "net/wire/split.h"

namespace lvs::director {

/// Frames that leave together. What is added is sent by flush() at the latest; pieces of frames
/// that were cut lie here until then, in bounded memory: when it is full, what is there is sent.
class Outbox {
 public:
  /// Where a frame goes, and where to say that it, or a piece of it, could not be sent.
  struct Letter {
    LinkIndex link{};
    bool* lost = nullptr;  ///< outlives flush(); only ever set to true
  };

  explicit Outbox(Carrier& carrier);

  /// `with_header` stays as it is until flush().
  void add(const Letter& letter, std::span<const std::uint8_t> with_header);
  /// All the pieces, each with an empty offload header. What the splitter looks at stays until
  /// flush().
  void add_pieces(const Letter& letter, wire::FrameSplitter& splitter);
  void flush();

 private:
  Carrier& carrier_;
  std::vector<Outgoing> frames_;
  std::vector<bool*> lost_;           // by the place in frames_
  std::vector<std::uint8_t> pieces_;  // never grows
  std::size_t used_ = 0;              // bytes of pieces_
};

}  // namespace lvs::director
