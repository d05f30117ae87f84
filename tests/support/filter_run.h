#pragma once

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/if_packet.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace lvs::test {

/// A classic BPF program over one frame, as the kernel runs it on a SOCK_RAW socket; a load beyond
/// the frame's end refuses.
class FilterRun {
 public:
  struct About {
    bool tagged = false;     ///< with a VLAN tag
    bool sent_to_us = true;  ///< to the link's own MAC
  };
  FilterRun(std::span<const sock_filter> code, std::span<const std::uint8_t> frame,
            const About& about)
      : code_(code), frame_(frame), about_(about) {}

  /// In bytes to take; 0 for a refused frame.
  std::uint32_t verdict() {
    for (std::size_t at = 0; at < code_.size();) {
      const sock_filter& op = code_[at++];
      if (BPF_CLASS(op.code) == BPF_RET) return op.k;
      if (BPF_CLASS(op.code) == BPF_JMP) {
        at += BPF_OP(op.code) == BPF_JA ? op.k : (holds(op) ? op.jt : op.jf);
      } else if (!step(op)) {
        return 0;
      }
    }
    ADD_FAILURE() << "ran off the end";
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
        ADD_FAILURE() << "an operation that this interpreter does not know";
    }
  }
  std::optional<std::uint32_t> load(const sock_filter& op) const {
    if (BPF_MODE(op.code) == BPF_IMM) return op.k;
    if (BPF_MODE(op.code) == BPF_MEM) return memory_.at(op.k);
    if (op.k == static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT))
      return about_.tagged ? 1u : 0u;
    if (op.k == static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE))
      return about_.sent_to_us ? PACKET_HOST : PACKET_BROADCAST;
    const std::size_t offset = op.k + (BPF_MODE(op.code) == BPF_IND ? x_ : 0u);
    const std::size_t size =
        BPF_SIZE(op.code) == BPF_W ? 4u : (BPF_SIZE(op.code) == BPF_H ? 2u : 1u);
    if (offset + size > frame_.size()) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | frame_[offset + i];
    return BPF_MODE(op.code) == BPF_MSH ? 4u * (value & 0x0fu) : value;
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

  std::span<const sock_filter> code_;
  std::span<const std::uint8_t> frame_;
  About about_;
  std::uint32_t a_ = 0;
  std::uint32_t x_ = 0;
  std::array<std::uint32_t, BPF_MEMWORDS> memory_{};
};

}  // namespace lvs::test
