#include "net/linux/bpf_filter.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <array>
#include <memory>

#include "net/linux/sys_error.h"

namespace lvs::linux_net {
namespace {

struct CloseObject {
  void operator()(bpf_object* object) const { bpf_object__close(object); }
};
using Object = std::unique_ptr<bpf_object, CloseObject>;

// NOLINTNEXTLINE(cert-dcl50-cpp): libbpf's signature
int keep_quiet(libbpf_print_level /*level*/, const char* /*format*/, va_list /*arguments*/) {
  return 0;
}

/// What libbpf would print goes into our errors instead, as far as it matters.
Result<Object> open_object(std::span<const std::uint8_t> bytes, const std::string& name) {
  libbpf_set_print(keep_quiet);
  bpf_object_open_opts options{};
  options.sz = sizeof options;
  options.object_name = name.c_str();
  Object object(bpf_object__open_mem(bytes.data(), bytes.size(), &options));
  if (object == nullptr) return fail_errno("read the BPF program " + name);
  return object;
}

Result<void> fill_map(bpf_object* object, const std::string& name,
                      const std::vector<MapEntry>& entries) {
  bpf_map* const map = bpf_object__find_map_by_name(object, name.c_str());
  if (map == nullptr) return fail("the BPF program has no map " + name);
  for (const MapEntry& entry : entries) {
    const int error = bpf_map__update_elem(map, entry.key.data(), entry.key.size(),
                                           entry.value.data(), entry.value.size(), BPF_ANY);
    if (error != 0) return fail_errno("fill the BPF map " + name, -error);
  }
  return {};
}

bpf_tc_hook hook_at(LinkIndex link, bpf_tc_attach_point point) {
  bpf_tc_hook hook{};
  hook.sz = sizeof hook;
  hook.ifindex = static_cast<int>(link.number);
  hook.attach_point = point;
  return hook;
}

Result<void> attach(const TcFilter& place, const BpfProgram& program, std::uint32_t flags) {
  bpf_tc_hook hook = hook_at(place.link, BPF_TC_INGRESS);
  bpf_tc_opts options{};
  options.sz = sizeof options;
  options.prog_fd = program.fd();
  options.flags = flags;
  options.handle = place.handle;
  options.priority = place.priority;
  const int error = bpf_tc_attach(&hook, &options);
  if (error != 0) return fail_errno("attach a BPF program at ingress", -error);
  return {};
}

}  // namespace

Result<BpfProgram> BpfProgram::load(std::span<const std::uint8_t> object_bytes,
                                    const std::string& name, const MapContents& maps) {
  LVS_TRY(const Object object, open_object(object_bytes, name));
  bpf_program* const program = bpf_object__find_program_by_name(object.get(), name.c_str());
  if (program == nullptr) return fail("there is no program " + name + " in the BPF object");
  std::array<char, 4096> log{};
  bpf_program__set_log_buf(program, log.data(), log.size());
  const int error = bpf_object__load(object.get());
  if (error != 0) {
    std::string what = "load the BPF program " + name;
    if (log[0] != '\0') what += " (verifier: " + std::string(log.data()) + ")";
    return fail_errno(std::move(what), -error);
  }
  for (const auto& [map, entries] : maps) LVS_CHECK(fill_map(object.get(), map, entries));
  UniqueFd fd(fcntl(bpf_program__fd(program), F_DUPFD_CLOEXEC, 0));
  if (!fd) return fail_errno("keep the BPF program " + name);
  return BpfProgram(std::move(fd));
}

Result<void> add_clsact(LinkIndex link) {
  libbpf_set_print(keep_quiet);
  bpf_tc_hook hook = hook_at(link, BPF_TC_INGRESS);
  const int error = bpf_tc_hook_create(&hook);
  if (error != 0) return fail_errno("add a clsact qdisc", -error);
  return {};
}

Result<void> remove_clsact(LinkIndex link) {
  libbpf_set_print(keep_quiet);
  constexpr auto both = static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS);
  bpf_tc_hook hook = hook_at(link, both);
  const int error = bpf_tc_hook_destroy(&hook);
  if (error != 0) return fail_errno("remove the clsact qdisc", -error);
  return {};
}

Result<void> attach_program(const TcFilter& place, const BpfProgram& program) {
  return attach(place, program, 0);
}

Result<void> exchange_program(const TcFilter& place, const BpfProgram& program) {
  return attach(place, program, BPF_TC_F_REPLACE);
}

Result<void> detach_program(const TcFilter& place) {
  bpf_tc_hook hook = hook_at(place.link, BPF_TC_INGRESS);
  bpf_tc_opts options{};
  options.sz = sizeof options;
  options.handle = place.handle;
  options.priority = place.priority;
  const int error = bpf_tc_detach(&hook, &options);
  if (error != 0) return fail_errno("detach the BPF program", -error);
  return {};
}

Result<void> try_loading_program() {
  libbpf_set_print(keep_quiet);
  /// return TC_ACT_UNSPEC;
  const std::array<bpf_insn, 2> program{{
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = -1},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
  }};
  const UniqueFd fd(bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "lvskit_try", "Dual MIT/GPL",
                                  program.data(), program.size(), nullptr));
  if (!fd) return fail_errno("load a BPF program");
  return {};
}

}  // namespace lvs::linux_net
