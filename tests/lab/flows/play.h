#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/lab/flows/client.h"
#include "tests/lab/flows/flow.h"
#include "tests/lab/flows/lab.h"
#include "tests/lab/flows/part.h"
#include "tests/lab/flows/recording.h"
#include "tests/lab/flows/server.h"

// The steps of the recordings, in their order, with their ports.

namespace lvs::test {

/// Plays them once. `after` is called after each step of the recording with its name and what the
/// client saw, in the recording's own form.
class Play {
 public:
  using After = std::function<void(const std::string& step, const Json& result)>;
  Play(FlowsLab& lab, Part part);

  void steps(const After& after);
  /// The walk through the states; `look` is called with each heading of the recording.
  void walk(const std::function<void(const std::string& heading)>& look);

  /// The flows of the steps and of the walk.
  std::set<std::string> flows() const;
  /// Flows that the recording's lists show and its captures do not: between the steps.
  std::set<std::string> flows_between() const;

 private:
  std::uint16_t port(unsigned offset) const;
  std::string get(unsigned offset, const std::string& path = "/") const;
  Json datagram(unsigned offset, const RecordedClient::Datagram& datagram) const;
  void web_steps(const After& after);
  void datagram_steps(const After& after);
  void path_mtu_steps(const After& after);
  void closing(const std::function<void(const std::string& heading)>& look);
  void wait_for_second_syn(std::uint16_t client_port);

  FlowsLab& lab_;
  Part part_;
  RecordedClient client_;
  std::vector<std::unique_ptr<RecordedServer>> servers_;
};

}  // namespace lvs::test
