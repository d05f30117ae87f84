#include "director/io/filter/assembler.h"

#include <cassert>

namespace lvs::director {
namespace {

constexpr std::size_t kReach = 255;

sock_filter far_jump(std::size_t distance) {
  return {BPF_JMP | BPF_JA, 0, 0, static_cast<std::uint32_t>(distance)};
}

}  // namespace

FilterLabel FilterAssembler::make_label() {
  labels_.push_back(kNowhere);
  return {labels_.size() - 1};
}

void FilterAssembler::put(FilterLabel label) {
  assert(labels_[label.number] == kNowhere);
  labels_[label.number] = items_.size();
}

void FilterAssembler::add(unsigned code, std::uint32_t value) {
  items_.push_back({Kind::Plain, {static_cast<std::uint16_t>(code), 0, 0, value}, {}, {}});
}

void FilterAssembler::add(std::span<const sock_filter> piece) {
  for (const sock_filter& code : piece) items_.push_back({Kind::Plain, code, {}, {}});
}

void FilterAssembler::jump(FilterLabel to) { items_.push_back({Kind::Jump, {}, to, to}); }

void FilterAssembler::branch(unsigned comparison, std::uint32_t value, FilterLabel yes,
                             FilterLabel no) {
  const auto code = static_cast<std::uint16_t>(BPF_JMP | comparison | BPF_K);
  items_.push_back({Kind::Branch, {code, 0, 0, value}, yes, no});
}

void FilterAssembler::when(unsigned comparison, std::uint32_t value, FilterLabel yes) {
  const FilterLabel next = make_label();
  branch(comparison, value, yes, next);
  put(next);
}

/// From behind the instruction at `from`.
std::size_t FilterAssembler::distance(const Layout& layout, std::size_t from,
                                      FilterLabel to) const {
  const std::size_t target = layout.begins[labels_[to.number]];
  assert(target > from);
  return target - from - 1;
}

void FilterAssembler::place(Layout& layout) const {
  std::size_t at = 0;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    layout.begins[i] = at;
    at += 1u + layout.is_yes_far[i] + layout.is_no_far[i];
  }
  layout.begins[items_.size()] = at;
}

/// Makes room where a branch does not reach; true when it did.
bool FilterAssembler::stretch(Layout& layout) const {
  bool has_grown = false;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (items_[i].kind != Kind::Branch) continue;
    const std::size_t here = layout.begins[i];
    const bool yes = distance(layout, here, items_[i].yes) > kReach;
    const bool no = distance(layout, here, items_[i].no) > kReach;
    has_grown = has_grown || (yes && layout.is_yes_far[i] == 0) || (no && layout.is_no_far[i] == 0);
    if (yes) layout.is_yes_far[i] = 1;
    if (no) layout.is_no_far[i] = 1;
  }
  return has_grown;
}

/// Every round lengthens at least one branch, and none becomes short again: so this ends.
FilterAssembler::Layout FilterAssembler::lay_out() const {
  Layout layout{std::vector<std::uint8_t>(items_.size()), std::vector<std::uint8_t>(items_.size()),
                std::vector<std::size_t>(items_.size() + 1)};
  do {
    place(layout);
  } while (stretch(layout));
  return layout;
}

void FilterAssembler::write_branch(std::vector<sock_filter>& program, const Layout& layout,
                                   std::size_t item) const {
  const Item& branch = items_[item];
  const std::size_t here = layout.begins[item];
  const std::size_t yes = distance(layout, here, branch.yes);
  const std::size_t no = distance(layout, here, branch.no);
  const std::size_t yes_far = layout.is_yes_far[item];
  const std::size_t no_far = layout.is_no_far[item];
  sock_filter code = branch.code;
  code.jt = static_cast<std::uint8_t>(yes_far != 0 ? 0 : yes);
  code.jf = static_cast<std::uint8_t>(no_far != 0 ? yes_far : no);
  program.push_back(code);
  if (yes_far != 0) program.push_back(far_jump(yes - 1));
  if (no_far != 0) program.push_back(far_jump(no - 1 - yes_far));
}

std::vector<sock_filter> FilterAssembler::assemble() const {
  const Layout layout = lay_out();
  std::vector<sock_filter> program;
  program.reserve(layout.begins.back());
  for (std::size_t i = 0; i < items_.size(); ++i) {
    switch (items_[i].kind) {
      case Kind::Plain:
        program.push_back(items_[i].code);
        break;
      case Kind::Jump:
        program.push_back(far_jump(distance(layout, layout.begins[i], items_[i].yes)));
        break;
      case Kind::Branch:
        write_branch(program, layout, i);
        break;
    }
  }
  return program;
}

}  // namespace lvs::director
