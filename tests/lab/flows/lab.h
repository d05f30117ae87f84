#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/json/json.h"
#include "net/linux/process.h"
#include "tests/lab/flows/packet.h"
#include "tests/support/netns.h"
#include "verify/io/sniffer.h"

// The recordings' cluster in namespaces, with their addresses (Ethernet's too) and offloads off, so
// that checksums on the wire are real:
//
//   client 192.0.2.10 - 192.0.2.1 router 10.0.0.254 - lan: lb1 10.0.0.1, rs1 .11, rs2 .12 (dr)
//                                        10.2.0.254 - remote lan: rs3 10.2.0.13, rs4 .14 (tun)
//                       lb1 10.1.0.1 - private lan: rs5 10.1.0.15, rs6 .16 (nat)
//
// and the same in IPv6: 2001:db8:c::, 2001:db8::, 2001:db8:2::, 2001:db8:1::, last groups alike.
// A bridge is a lan. Captures stand at the bridges' ends of the wires: what the director sends does
// not pass its own kernel's taps.

namespace lvs::test {

class FlowsLab {
 public:
  /// nullptr: this process may not make namespaces.
  static std::unique_ptr<FlowsLab> make();
  FlowsLab(const FlowsLab&) = delete;
  FlowsLab& operator=(const FlowsLab&) = delete;
  FlowsLab(FlowsLab&&) = delete;
  FlowsLab& operator=(FlowsLab&&) = delete;
  ~FlowsLab();

  const Netns& host(const std::string& name) const { return hosts_.at(name); }
  /// A few lines of shell on a host; they must succeed.
  void sh(const std::string& host, const std::string& script) const;

  /// `services` are the profile's [[service]] tables; hosts are this lab's.
  void write_profile(const std::string& services);
  /// lvs-realserver apply on these hosts.
  void set_up(const std::vector<std::string>& hosts) const;
  /// lvs-director run, until it answers.
  void run_director();
  std::string director_log() const;

  /// `list --connections --json` of the running director.
  Json list() const;

  /// Takes what the kernel has captured, before its buffers are full.
  void fetch();

  /// What has passed an interface ("dir:eth0") since the lab was made, in order.
  std::vector<Packet> captured(const std::string& place);
  /// The interfaces at which captures stand.
  std::vector<std::string> places() const;
  /// Fails the test when a capture lost frames.
  void expect_nothing_lost() const;

 private:
  explicit FlowsLab(Netns fabric) : fabric_(std::move(fabric)) {}
  bool make_hosts();
  void make_wires();
  void listen();

  Netns fabric_;
  std::map<std::string, Netns> hosts_;
  std::map<std::string, verify::Sniffer> captures_;
  std::filesystem::path folder_;
  std::optional<linux_net::ChildProcess> director_;
};

}  // namespace lvs::test
