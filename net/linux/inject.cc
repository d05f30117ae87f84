#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "net/linux/packet_socket.h"
#include "net/linux/sys_error.h"

// A frame sent with AF_PACKET leaves by the wire; nothing but a network card's driver brings one
// in. Running an XDP program over "live" frames does: what the program passes goes up the stack as
// if it had been received. bpf(2) is called directly, because one syscall does not need libbpf's
// ELF loader.

namespace lvs::linux_net {
namespace {

constexpr std::string_view kProgramName = "lvskit_inject";
constexpr const char* kLicence = "Dual MIT/GPL";

std::uint64_t address_of(const void* pointer) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bpf(2) takes addresses as numbers
  return reinterpret_cast<std::uint64_t>(pointer);
}

long bpf(int command, bpf_attr& attributes) {
  return ::syscall(SYS_bpf, command, &attributes, sizeof attributes);
}

/// return XDP_PASS;
Result<UniqueFd> load_passing_program() {
  const std::array<bpf_insn, 2> program{{
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = XDP_PASS},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
  }};
  bpf_attr attributes{};
  std::memset(&attributes, 0, sizeof attributes);  // a union: all of it must be zero
  attributes.prog_type = BPF_PROG_TYPE_XDP;
  attributes.insns = address_of(program.data());
  attributes.insn_cnt = program.size();
  attributes.license = address_of(kLicence);
  static_assert(kProgramName.size() < sizeof attributes.prog_name);
  std::ranges::copy(kProgramName, std::begin(attributes.prog_name));
  UniqueFd fd(static_cast<int>(bpf(BPF_PROG_LOAD, attributes)));
  if (!fd) return fail_errno("load an XDP program");
  return fd;
}

}  // namespace

Result<void> inject_as_received(LinkIndex link, std::span<const std::uint8_t> frame) {
  LVS_TRY(const UniqueFd program, load_passing_program());
  xdp_md context{};
  context.data_end = static_cast<std::uint32_t>(frame.size());
  context.ingress_ifindex = link.number;

  bpf_attr attributes{};
  std::memset(&attributes, 0, sizeof attributes);
  attributes.test.prog_fd = static_cast<std::uint32_t>(program.get());
  attributes.test.data_in = address_of(frame.data());
  attributes.test.data_size_in = static_cast<std::uint32_t>(frame.size());
  attributes.test.ctx_in = address_of(&context);
  attributes.test.ctx_size_in = sizeof context;
  attributes.test.repeat = 1;
  attributes.test.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
  if (bpf(BPF_PROG_TEST_RUN, attributes) != 0)
    return fail_errno("give the kernel a frame of " + std::to_string(frame.size()) +
                      " bytes as if link " + std::to_string(link.number) + " had received it");
  return {};
}

}  // namespace lvs::linux_net
