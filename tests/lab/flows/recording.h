#pragma once

#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "net/json/json.h"
#include "tests/lab/flows/packet.h"

// The recordings of real IPVS in golden/flows.json and golden/pcap: one method, step by step.

namespace lvs::test {

/// A line of `ipvsadm -Lnc`.
struct ListedConnection {
  std::string protocol{};  ///< TCP, UDP
  int expires_s = 0;
  std::string state{};
  std::string client{}, vip{}, server{};  ///< ADDRESS:PORT
};
/// The lines of a listing whose VIP it is.
std::vector<ListedConnection> connections_of(const std::string& listing, const std::string& vip);

/// Active and inactive connections by server ("10.0.0.11:80"), of `ipvsadm -Ln`.
std::map<std::string, std::pair<long, long>> counts_of(const std::string& listing);

/// Figures by server or service of `ipvsadm -Ln --stats`: connections, packets and bytes in, out.
struct Figures {
  long connections = 0, packets = 0, bytes = 0, packets_out = 0, bytes_out = 0;
  friend bool operator==(const Figures&, const Figures&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Figures& f) {
    return out << f.connections << " connections, in " << f.packets << " packets " << f.bytes
               << " bytes, out " << f.packets_out << " packets " << f.bytes_out << " bytes";
  }
};
/// By "UDP 10.0.0.100:53 10.0.0.11:53"; only those of this VIP.
std::map<std::string, Figures> figures_of(const std::string& listing, const std::string& vip);

struct RecordedStep {
  std::string name{};
  Json result{};
  std::string connections{};                             ///< -Lnc afterwards
  std::map<std::string, std::vector<Packet>> packets{};  ///< by "dir:eth0"
};

class Recording {
 public:
  /// nullopt: there are no recordings on this machine.
  static std::optional<Recording> read(const std::string& method);

  const std::vector<RecordedStep>& steps() const { return steps_; }
  const RecordedStep& step(const std::string& name) const;
  /// What `state_walk` has under this heading.
  std::string walk(const std::string& heading) const;
  std::string final_figures() const { return final_figures_; }

 private:
  std::vector<RecordedStep> steps_;  ///< the state walk's packets are the last one
  std::vector<std::pair<std::string, std::string>> walk_;
  std::string final_figures_;
};

}  // namespace lvs::test
