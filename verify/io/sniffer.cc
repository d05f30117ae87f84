#include "verify/io/sniffer.h"

#include <pcap/pcap.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <utility>

namespace lvs::verify {
namespace {

constexpr int kSnapshotBytes = 65535;  // a frame cut short would not parse
constexpr int kKernelBufferBytes = 16 * 1024 * 1024;
constexpr std::size_t kMostFrames = 1'000'000;

Result<void> check_activated(pcap* handle, int status, const std::string& nic) {
  if (status >= 0) return {};
  const bool forbidden =
      status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED;
  const std::string what = "capture on " + nic + ": ";
  if (forbidden) return fail(what + "not permitted (CAP_NET_RAW is missing)", EPERM);
  if (status == PCAP_ERROR_NO_SUCH_DEVICE) return fail(what + "no such interface", ENODEV);
  return fail(what + pcap_geterr(handle), EIO);
}

Result<void> set_filter(pcap* handle, const std::string& filter) {
  bpf_program program{};
  if (pcap_compile(handle, &program, filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
    return fail("capture filter '" + filter + "': " + pcap_geterr(handle), EINVAL);
  const int status = pcap_setfilter(handle, &program);
  pcap_freecode(&program);
  if (status != 0) return fail("capture filter '" + filter + "': " + pcap_geterr(handle), EINVAL);
  return {};
}

int milliseconds_left(std::chrono::steady_clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  return left.count() > 0 ? static_cast<int>(left.count()) : 0;
}

}  // namespace

void Sniffer::Close::operator()(pcap* handle) const { pcap_close(handle); }

Result<Sniffer> Sniffer::start(const Options& options) {
  std::array<char, PCAP_ERRBUF_SIZE> error{};
  std::unique_ptr<pcap, Close> handle{pcap_create(options.nic.c_str(), error.data())};
  if (!handle) return fail("capture on " + options.nic + ": " + error.data(), EIO);
  pcap_set_snaplen(handle.get(), kSnapshotBytes);
  pcap_set_buffer_size(handle.get(), kKernelBufferBytes);
  // Immediate mode delivers each frame as it comes: otherwise the last ones would wait in a block
  // that the kernel has not closed yet.
  pcap_set_immediate_mode(handle.get(), 1);
  LVS_CHECK(check_activated(handle.get(), pcap_activate(handle.get()), options.nic));
  if (pcap_datalink(handle.get()) != DLT_EN10MB)
    return fail("capture on " + options.nic + ": not an Ethernet interface", EINVAL);
  LVS_CHECK(set_filter(handle.get(), options.filter));
  if (pcap_setnonblock(handle.get(), 1, error.data()) != 0)
    return fail("capture on " + options.nic + ": " + error.data(), EIO);
  return Sniffer{std::move(handle)};
}

Result<void> Sniffer::fetch() {
  while (frames_.size() < kMostFrames) {
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    const int status = pcap_next_ex(handle_.get(), &header, &bytes);
    if (status == 0) return {};
    if (status < 0) return fail(std::string{"capture: "} + pcap_geterr(handle_.get()), EIO);
    frames_.emplace_back(bytes, bytes + header->caplen);
  }
  return {};
}

Result<bool> Sniffer::fetch_until(const std::function<bool(std::span<const Frame>)>& enough,
                                  std::chrono::steady_clock::time_point deadline) {
  while (true) {
    LVS_CHECK(fetch());
    if (enough(frames_)) return true;
    const int left = milliseconds_left(deadline);
    if (left == 0) return false;
    pollfd waiting{.fd = pcap_get_selectable_fd(handle_.get()), .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, left) < 0 && errno != EINTR) return fail("capture: poll", errno);
  }
}

Result<std::size_t> Sniffer::lost() const {
  pcap_stat statistics{};
  if (pcap_stats(handle_.get(), &statistics) != 0)
    return fail(std::string{"capture statistics: "} + pcap_geterr(handle_.get()), EIO);
  return static_cast<std::size_t>(statistics.ps_drop);
}

}  // namespace lvs::verify
