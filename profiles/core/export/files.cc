// networkd's files and sysctl.d: both say only a part of what a host should be.

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "net/base/sysctl_name.h"
#include "net/wire/addr_text.h"
#include "profiles/core/export/export.h"
#include "profiles/core/export/nft_text.h"
#include "profiles/core/persistence.h"

namespace lvs::profiles {
namespace {

std::string header(const Desired& desired, const std::string& program, const std::string& what) {
  std::string text = "# Host " + desired.host + " of profile " + desired.profile + ", as " +
                     program + " would set it up: " + what + ".\n";
  for (const std::string& note : desired.notes) text += "# note: " + note + "\n";
  return text;
}

std::string commented(const std::string& text) {
  std::string out = "# ";
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "# ";
  }
  return out + "\n";
}

/// What one .network or .netdev file says, in the order of the wishes.
class NetworkFiles {
 public:
  void on(const AddressWish& w) {
    sections_[w.link] += "\n[Address]\nAddress=" + to_string(Prefix{w.addr, w.addr.bits()}) + "\n";
    if (w.addr.is_v4()) {
      sections_[w.link] += "Scope=" + scope_name(w.scope) + "\n";
      const std::string label = w.link + ":" + std::to_string(numbers_[w.link]++);
      if (label.size() <= kMaxLabel) sections_[w.link] += "Label=" + label + "\n";
    } else {
      sections_[w.link] += "PreferredLifetime=0\n";
    }
    if (w.no_dad) sections_[w.link] += "DuplicateAddressDetection=none\n";
  }
  void on(const ObjectWish<RouteFact>& w) {
    const RouteFact& route = w.object;
    std::string& section = sections_[route.link];
    section += "\n[Route]\nDestination=" + to_string(route.destination) + "\n";
    if (route.gateway) section += "Gateway=" + to_string(*route.gateway) + "\n";
    if (!route.gateway && route.destination.addr.is_v4()) section += "Scope=link\n";
    section += "Protocol=" + std::to_string(kOurProtocol) + "\n";
  }
  void on(const DefaultRouteWish& w) {
    sections_[w.link] += "\n[Route]\nGateway=" + to_string(w.gateway) +
                         "\nMetric=76\nProtocol=" + std::to_string(kOurProtocol) +
                         "\n# Any other default route must have a higher metric.\n";
  }
  void on(const ObjectWish<TunnelFact>& w) {
    const TunnelFact& t = w.object;
    netdevs_ += "\n# FILE /etc/systemd/network/10-lvskit-" + t.link +
                ".netdev\n[NetDev]\nName=" + t.link + "\nKind=" + to_string(t.kind) +
                "\n\n[Tunnel]\nLocal=" + to_string(t.local) + "\nRemote=any\nIndependent=yes\n";
    sections_[t.link];
  }
  void on(const ObjectWish<NeighbourFact>& w) {
    const NeighbourFact& n = w.object;
    if (n.proxy || !n.mac) return rest("a proxy neighbour entry: add " + describe(n));
    sections_[n.link] += "\n[Neighbor]\nAddress=" + to_string(n.addr) +
                         "\nLinkLayerAddress=" + to_string(*n.mac) + "\n";
  }
  void on(const ObjectWish<OwnTable>& w) { rest("an nft table:\n" + nft_text(w.object)); }
  void on(const ObjectWish<Withholding>& w) { rest("an nft table:\n" + nft_text(w.object)); }
  void on(const AcceptWish& w) {
    rest("the firewall must accept at " + to_string(w.hook) + ": " + describe(w.match));
  }
  void on(const StaticNeighbourWish& w) {
    rest("a permanent neighbour entry for " + to_string(w.addr) + " on " + w.link +
         " with the MAC of " + to_string(w.owner));
  }
  // The sysctls have a format of their own, and a proof is nothing to be configured.
  void on(const SysctlWish& /*w*/) {}
  void on(const EffectiveWish& /*w*/) {}
  void on(const LowerWish& /*w*/) {}
  void on(const Forward6Wish& /*w*/) {}
  void on(const ProofWish& /*w*/) {}
  template <typename T>
  void on(const ObjectWish<T>& w) {
    if constexpr (!std::is_same_v<T, UpFact>) rest("add " + describe(w.object));
  }

  std::string text(const Desired& desired) const {
    std::string out = netdevs_;
    for (const auto& [link, section] : sections_) {
      const bool is_nic =
          std::find(desired.links.begin(), desired.links.end(), link) != desired.links.end();
      if (is_nic) {
        out.append("\n# ADD TO the .network file of ").append(link).append("\n");
      } else {
        out.append("\n# FILE /etc/systemd/network/10-lvskit-").append(link);
        out.append(".network\n[Match]\nName=").append(link).append("\n");
      }
      out += section;
    }
    return out + others_;
  }

 private:
  void rest(const std::string& what) {
    others_ += "\n" + commented("networkd cannot say: " + what);
  }

  std::map<std::string, std::string> sections_;  ///< by link
  std::map<std::string, int> numbers_;
  std::string netdevs_;
  std::string others_;
};

}  // namespace

std::string export_networkd(const Desired& desired, const std::string& program) {
  NetworkFiles files;
  for (const Wish& wish : desired.wishes) std::visit([&](const auto& w) { files.on(w); }, wish);
  return header(desired, program, "files of systemd-networkd") +
         "# The sysctls come first: export them by --format sysctl, and put them into place before "
         "these.\n" +
         files.text(desired);
}

std::string export_sysctl(const Desired& desired, const std::string& program) {
  std::string text = header(desired, program, "the sysctls, a file for /etc/sysctl.d") +
                     "# FILE /etc/sysctl.d/99-zz-lvskit-" + desired.profile + ".conf\n";
  for (const auto& [key, value] : boot_sysctls(desired, {}, {}))
    text += dotted(key) + " = " + value + "\n";
  for (const Wish& wish : desired.wishes) {
    if (const auto* w = std::get_if<EffectiveWish>(&wish)) {
      text += "# Effective " + w->rule.setting + " on " + w->rule.link +
              " (`all` and its own) must be " + list_of(w->rule.accepted) + ": " + w->rule.why +
              "\n";
    }
    if (const auto* w = std::get_if<LowerWish>(&wish)) {
      text += "# Where " + dotted(conf_key("all", w->setting)) +
              " was not 0, the other interfaces need that value as their own now.\n";
    }
  }
  return text;
}

}  // namespace lvs::profiles
