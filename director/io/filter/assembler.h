#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

// Classic BPF with labels: jumps go forward only, a conditional one reaches 255 instructions, and
// what is farther takes one more instruction. The assembler finds out which are.

namespace lvs::director {

/// A place in the program that is being written.
struct FilterLabel {
  std::size_t number = 0;
};

class FilterAssembler {
 public:
  FilterLabel make_label();
  /// The next instruction is where `label` is. Each label is put once, behind all jumps to it.
  void put(FilterLabel label);

  /// Any instruction but a jump.
  void add(unsigned code, std::uint32_t value);
  /// A piece whose jumps stay in it, or go right behind it.
  void add(std::span<const sock_filter> piece);
  void jump(FilterLabel to);
  /// BPF_JEQ, BPF_JGE, BPF_JGT or BPF_JSET of the accumulator with `value`.
  void branch(unsigned comparison, std::uint32_t value, FilterLabel yes, FilterLabel no);
  /// The same, going on with the next instruction where it does not hold.
  void when(unsigned comparison, std::uint32_t value, FilterLabel yes);

  std::vector<sock_filter> assemble() const;

 private:
  enum class Kind : std::uint8_t { Plain, Jump, Branch };
  struct Item {
    Kind kind = Kind::Plain;
    sock_filter code{};
    FilterLabel yes{};
    FilterLabel no{};
  };
  /// How long each item is, and where it begins.
  struct Layout {
    std::vector<std::uint8_t> is_yes_far;
    std::vector<std::uint8_t> is_no_far;
    std::vector<std::size_t> begins;  ///< one more than there are items
  };
  static constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

  Layout lay_out() const;
  void place(Layout& layout) const;
  bool stretch(Layout& layout) const;
  std::size_t distance(const Layout& layout, std::size_t from, FilterLabel to) const;
  void write_branch(std::vector<sock_filter>& program, const Layout& layout,
                    std::size_t item) const;

  std::vector<Item> items_;
  std::vector<std::size_t> labels_;  // the item that each one is before
};

}  // namespace lvs::director
