#pragma once

#include <linux/filter.h>

#include <span>

#include "net/base/result.h"

namespace lvs::linux_net {

/// Gives a socket a classic BPF program, in place of the one that it had, at once. EINVAL: more
/// than 4096 instructions; ENOMEM: more than the kernel gives a socket memory for
/// (net.core.optmem_max), the program that is replaced included.
Result<void> attach_filter(int socket, std::span<const sock_filter> program);

/// Whether a socket could have the program, found out with one that nobody uses.
Result<void> try_filter(std::span<const sock_filter> program);

}  // namespace lvs::linux_net
