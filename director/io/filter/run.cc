#include "director/io/filter/run.h"

#include <array>
#include <cassert>
#include <cstddef>
#include <optional>

namespace lvs::director {
namespace {

/// The virtual machine of classic BPF (linux/filter.h).
class Machine {
 public:
  explicit Machine(const FilteredFrame& frame) : frame_(frame) {}

  std::uint32_t run(std::span<const sock_filter> program) {
    for (std::size_t at = 0; at < program.size();) {
      const sock_filter& op = program[at++];
      if (BPF_CLASS(op.code) == BPF_RET) return op.k;
      if (BPF_CLASS(op.code) == BPF_JMP) {
        at += BPF_OP(op.code) == BPF_JA ? op.k : (holds(op) ? op.jt : op.jf);
      } else if (!step(op)) {
        return 0;
      }
    }
    assert(false && "a filter ends with a verdict");
    return 0;
  }

 private:
  /// False where the kernel ends the program.
  bool step(const sock_filter& op) {
    switch (BPF_CLASS(op.code)) {
      case BPF_LD:
      case BPF_LDX: {
        const std::optional<std::uint32_t> value = load(op);
        if (!value) return false;
        (BPF_CLASS(op.code) == BPF_LD ? a_ : x_) = *value;
        return true;
      }
      case BPF_ST:
        memory_.at(op.k) = a_;
        return true;
      case BPF_MISC:
        (BPF_MISCOP(op.code) == BPF_TAX ? x_ : a_) = BPF_MISCOP(op.code) == BPF_TAX ? a_ : x_;
        return true;
      default:
        compute(op);
        return true;
    }
  }

  void compute(const sock_filter& op) {
    const std::uint32_t operand = BPF_SRC(op.code) == BPF_X ? x_ : op.k;
    switch (BPF_OP(op.code)) {
      case BPF_ADD:
        a_ += operand;
        return;
      case BPF_AND:
        a_ &= operand;
        return;
      case BPF_LSH:
        a_ <<= operand;
        return;
      default:
        assert(false && "no program of ours computes like this");
    }
  }

  std::optional<std::uint32_t> load(const sock_filter& op) const {
    if (BPF_MODE(op.code) == BPF_IMM) return op.k;
    if (BPF_MODE(op.code) == BPF_MEM) return memory_.at(op.k);
    if (op.k == static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT))
      return frame_.is_tagged ? 1U : 0U;
    if (op.k == static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE)) return frame_.packet_type;
    const std::size_t offset = std::size_t{op.k} + (BPF_MODE(op.code) == BPF_IND ? x_ : 0U);
    const std::size_t size =
        BPF_SIZE(op.code) == BPF_W ? 4U : (BPF_SIZE(op.code) == BPF_H ? 2U : 1U);
    if (offset + size > frame_.bytes.size()) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | frame_.bytes[offset + i];
    return BPF_MODE(op.code) == BPF_MSH ? 4U * (value & 0x0fU) : value;
  }

  bool holds(const sock_filter& op) const {
    switch (BPF_OP(op.code)) {
      case BPF_JEQ:
        return a_ == op.k;
      case BPF_JGE:
        return a_ >= op.k;
      case BPF_JGT:
        return a_ > op.k;
      default:
        return (a_ & op.k) != 0;
    }
  }

  const FilteredFrame& frame_;
  std::uint32_t a_ = 0;
  std::uint32_t x_ = 0;
  std::array<std::uint32_t, BPF_MEMWORDS> memory_{};
};

}  // namespace

std::uint32_t run_filter(std::span<const sock_filter> program, const FilteredFrame& frame) {
  return Machine(frame).run(program);
}

}  // namespace lvs::director
