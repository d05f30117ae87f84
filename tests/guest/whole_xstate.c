// Preloaded into the guest kernel (user-mode-linux), which keeps 2696 bytes of a processor's extended
// state and hands back as many. Since processors have AMX the host's kernel takes that state only
// whole (xstateregs_set: EFAULT), and the guest would die with its first process. So the rest is put
// behind it here: what the processor has there at that moment.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

typedef long (*ptrace_function)(int, ...);
static ptrace_function kernels_ptrace;
// Not on the stack, which is one of the guest kernel's and small; it has one thread.
static char whole[65536];

__attribute__((constructor)) static void find_ptrace(void) {
  kernels_ptrace = (ptrace_function)dlsym(RTLD_NEXT, "ptrace");
}

long ptrace(enum __ptrace_request request, ...) {
  va_list arguments;
  va_start(arguments, request);
  int pid = va_arg(arguments, int);
  void* address = va_arg(arguments, void*);
  void* data = va_arg(arguments, void*);
  va_end(arguments);
  const struct iovec* given = data;
  if (request != PTRACE_SETREGSET || (long)address != NT_X86_XSTATE)
    return kernels_ptrace(request, pid, address, data);
  struct iovec all = {whole, sizeof whole};
  long failed = kernels_ptrace(PTRACE_GETREGSET, pid, address, &all);
  if (failed != 0) return failed;
  memcpy(whole, given->iov_base, given->iov_len < all.iov_len ? given->iov_len : all.iov_len);
  return kernels_ptrace(PTRACE_SETREGSET, pid, address, &all);
}
