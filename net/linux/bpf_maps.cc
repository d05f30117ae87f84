#include <bpf/bpf.h>
#include <linux/bpf.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "net/linux/bpf_filter.h"
#include "net/linux/sys_error.h"

// From a program's number to what its maps hold.

namespace lvs::linux_net {
namespace {

constexpr std::size_t kMaxEntries = 4096;
constexpr std::size_t kMaxMaps = 16;

Result<std::vector<std::uint32_t>> map_ids(std::uint32_t program_id) {
  const UniqueFd program(bpf_prog_get_fd_by_id(program_id));
  if (!program) return fail_errno("open BPF program " + std::to_string(program_id));
  std::vector<std::uint32_t> ids(kMaxMaps);
  bpf_prog_info info{};
  info.nr_map_ids = static_cast<std::uint32_t>(ids.size());
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bpf(2) takes addresses as numbers
  info.map_ids = reinterpret_cast<std::uint64_t>(ids.data());
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(program.get(), &info, &size) != 0)
    return fail_errno("look at BPF program " + std::to_string(program_id));
  ids.resize(std::min<std::size_t>(ids.size(), info.nr_map_ids));
  return ids;
}

/// True for those whose keys and values are plain bytes that a caller may read.
bool is_plain(const bpf_map_info& info) {
  return info.type == BPF_MAP_TYPE_HASH || info.type == BPF_MAP_TYPE_ARRAY;
}

Result<std::vector<MapEntry>> entries_of(int map, const bpf_map_info& info) {
  std::vector<MapEntry> entries;
  std::vector<std::uint8_t> key(info.key_size);
  const void* before = nullptr;
  while (entries.size() < kMaxEntries && bpf_map_get_next_key(map, before, key.data()) == 0) {
    std::vector<std::uint8_t> value(info.value_size);
    if (bpf_map_lookup_elem(map, key.data(), value.data()) == 0)
      entries.push_back({key, std::move(value)});
    else if (errno != ENOENT)
      return fail_errno("read a BPF map");
    before = key.data();
  }
  std::ranges::sort(entries, {}, &MapEntry::key);
  return entries;
}

}  // namespace

Result<MapContents> maps_of_program(std::uint32_t program_id) {
  LVS_TRY(const std::vector<std::uint32_t> ids, map_ids(program_id));
  MapContents contents;
  for (const std::uint32_t id : ids) {
    const UniqueFd map(bpf_map_get_fd_by_id(id));
    if (!map) return fail_errno("open BPF map " + std::to_string(id));
    bpf_map_info info{};
    std::uint32_t size = sizeof info;
    if (bpf_obj_get_info_by_fd(map.get(), &info, &size) != 0)
      return fail_errno("look at BPF map " + std::to_string(id));
    if (!is_plain(info)) continue;
    LVS_TRY(contents[info.name], entries_of(map.get(), info));
  }
  return contents;
}

}  // namespace lvs::linux_net
