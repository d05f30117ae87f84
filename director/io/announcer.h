#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/base/result.h"
#include "net/wire/addr.h"

namespace boost::asio {
class io_context;
}

namespace lvs::director {

/// A NIC and the VIPs that are on it.
struct Announcement {
  std::string nic;
  std::vector<IpAddr> vips;
};

/// Tells the neighbours where the VIPs are now, by gratuitous ARP and
/// unsolicited advertisements: five times, and five times again
/// after five seconds, because a switch or router that is just learning may miss the first ones.
/// Runs on an event loop; ends with the object.
class Announcer {
 public:
  Announcer(boost::asio::io_context& loop, std::vector<Announcement> announcements);
  Announcer(const Announcer&) = delete;
  Announcer& operator=(const Announcer&) = delete;
  Announcer(Announcer&&) = delete;
  Announcer& operator=(Announcer&&) = delete;
  ~Announcer();

  void start();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Tells of all the NIC's VIPs once, by one socket: to close one takes the kernel milliseconds.
Result<void> announce(const Announcement& announcement);

}  // namespace lvs::director
