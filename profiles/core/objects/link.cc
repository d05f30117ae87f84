#include "profiles/core/objects/link.h"

#include "net/wire/addr_text.h"

namespace lvs::profiles {

std::string to_string(TunnelKind kind) {
  if (kind == TunnelKind::Sit) return "sit";
  return kind == TunnelKind::Ip6tnl ? "ip6tnl" : "ipip";
}

std::string describe(const TunnelFact& tunnel) {
  return "tunnel device " + tunnel.link + " (" + to_string(tunnel.kind) + ", local " +
         lvs::to_string(tunnel.local) + ")";
}

std::string identity(const TunnelFact& tunnel) { return tunnel.link; }

bool same_place(const TunnelFact& a, const TunnelFact& b) { return a.link == b.link; }

bool is_as_made(const TunnelFact& present, const TunnelFact& made) { return present == made; }

bool serves(const TunnelFact& present, const TunnelFact& wanted) {
  return present.link == wanted.link && present.kind == wanted.kind &&
         present.local == wanted.local;
}

std::string describe(const UpFact& up) { return "link " + up.link + " up"; }

std::string identity(const UpFact& up) { return up.link; }

bool same_place(const UpFact& a, const UpFact& b) { return a.link == b.link; }

bool is_as_made(const UpFact& present, const UpFact& made) { return present == made; }

bool serves(const UpFact& present, const UpFact& wanted) { return present == wanted; }

}  // namespace lvs::profiles
