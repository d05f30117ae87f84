#pragma once

#include <string>

#include "verify/lab/topology.h"

namespace lvs::verify {

/// Where one host's web server keeps its things: all of it inside the lab's folder.
struct NginxPaths {
  std::string folder;    ///< of this host: pid, log, temporary files, uploads
  std::string big_file;  ///< served as /big
};

/// nginx's configuration for one host: every TCP port of the host, "/" answers with the host's name
/// in body ("HOST\n") and header (X-Served-By), /big is a large file, PUT /upload stores into the
/// folder. One process and no daemon, so that it ends with the process that started it; addresses
/// are the unspecified ones, so that RIP and VIP both work, whenever the VIP comes.
std::string nginx_conf(const LabHost& host, const NginxPaths& paths);

}  // namespace lvs::verify
