#include "director/io/announcer.h"

#include <array>
#include <chrono>

#include <boost/asio.hpp>

#include "net/linux/rtnetlink.h"
#include "profiles/io/announce.h"

namespace lvs::director {
namespace {

using std::chrono::milliseconds;

/// Before each round.
constexpr std::array kPauses{
    milliseconds{0},    milliseconds{200}, milliseconds{200}, milliseconds{200}, milliseconds{200},
    milliseconds{4200}, milliseconds{200}, milliseconds{200}, milliseconds{200}, milliseconds{200}};

}  // namespace

Result<void> announce(const Announcement& announcement) {
  LVS_TRY(linux_net::RouteSocket routes, linux_net::RouteSocket::open());
  LVS_TRY(const linux_net::Link link, routes.link_named(announcement.nic));
  return profiles::announce_vips(link, announcement.vips);
}

struct Announcer::State : std::enable_shared_from_this<State> {
  State(boost::asio::io_context& loop, std::vector<Announcement> all)
      : timer(loop), announcements(std::move(all)) {}

  void run_round() {
    if (round == kPauses.size()) return;
    timer.expires_after(kPauses[round++]);
    timer.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (error) return;
      // A NIC that is down cannot be announced on; the next round tries again.
      for (const Announcement& one : self->announcements) static_cast<void>(announce(one));
      self->run_round();
    });
  }

  boost::asio::steady_timer timer;
  std::vector<Announcement> announcements;
  std::size_t round = 0;
};

Announcer::Announcer(boost::asio::io_context& loop, std::vector<Announcement> announcements)
    : state_(std::make_shared<State>(loop, std::move(announcements))) {}

Announcer::~Announcer() {
  state_->round = kPauses.size();
  try {
    state_->timer.cancel();
  } catch (const std::exception&) {
    // The round that is due then finds that there is none left.
    return;
  }
}

void Announcer::start() { state_->run_round(); }

}  // namespace lvs::director
