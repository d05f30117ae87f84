#include "director/io/table_memory.h"

#include <sys/mman.h>

#include "net/linux/sys_error.h"

namespace lvs::director {

Result<TableMemory> map_table_memory(const EngineLimits& limits) {
  const std::size_t bytes = Engine::memory_bytes(limits);
  void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return linux_net::fail_errno("map " + std::to_string(bytes) + " bytes for connections");
  madvise(memory, bytes, MADV_HUGEPAGE);  // a wish: small pages do as well, only slower
  return TableMemory{static_cast<std::byte*>(memory),
                     [bytes](std::byte* mapped) { munmap(mapped, bytes); }};
}

}  // namespace lvs::director
