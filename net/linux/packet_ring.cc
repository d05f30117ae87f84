#include "net/linux/packet_ring.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "net/linux/socket_filter.h"
#include "net/linux/sys_error.h"

namespace lvs::linux_net {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1024} * 1024;
constexpr std::size_t kFramesPerBlock = kBlockBytes / PacketRing::kFrameBytes;
constexpr std::size_t kBlocks = PacketRing::kFrames / kFramesPerBlock;
static_assert(kBlocks * kFramesPerBlock == PacketRing::kFrames);
static_assert(PacketRing::kFrameBytes % TPACKET_ALIGNMENT == 0);

// TPACKET_ALIGN(sizeof(tpacket2_hdr)), whose macro mixes signs.
constexpr std::size_t kAddressOffset =
    (sizeof(tpacket2_hdr) + TPACKET_ALIGNMENT - 1) / TPACKET_ALIGNMENT * TPACKET_ALIGNMENT;

/// What the kernel writes in front of the frame and its headroom.
constexpr std::size_t kDescriptionBytes = kAddressOffset + sizeof(sockaddr_ll);

template <typename Value>
Result<void> set_option(int fd, int option, const Value& value, const char* what) {
  if (setsockopt(fd, SOL_PACKET, option, &value, sizeof value) == 0) return {};
  return fail_errno(std::string("packet ring: ") + what);
}

/// The socket takes no frame yet: protocol 0 until bind.
Result<UniqueFd> make_socket() {
  UniqueFd fd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail_errno("open a packet socket");
  const int yes = 1;
  const int version = TPACKET_V2;
  LVS_CHECK(set_option(fd.get(), PACKET_VERSION, version, "TPACKET_V2"));
  LVS_CHECK(set_option(fd.get(), PACKET_VNET_HDR, yes, "PACKET_VNET_HDR"));
  LVS_CHECK(set_option(fd.get(), PACKET_IGNORE_OUTGOING, yes, "PACKET_IGNORE_OUTGOING"));
  const auto reserve = static_cast<unsigned>(PacketRing::kHeadroom);
  LVS_CHECK(set_option(fd.get(), PACKET_RESERVE, reserve, "PACKET_RESERVE"));
  tpacket_req ring{};
  ring.tp_block_size = kBlockBytes;
  ring.tp_block_nr = kBlocks;
  ring.tp_frame_size = PacketRing::kFrameBytes;
  ring.tp_frame_nr = PacketRing::kFrames;
  LVS_CHECK(set_option(fd.get(), PACKET_RX_RING, ring, "PACKET_RX_RING"));
  return fd;
}

Result<void> bind_to(int fd, LinkIndex link) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(link.number);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket interface's own idiom
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return {};
  return fail_errno("packet ring: bind to link " + std::to_string(link.number));
}

std::atomic_ref<std::uint32_t> status_of(std::uint8_t* slot) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the layout is the kernel's
  return std::atomic_ref<std::uint32_t>(reinterpret_cast<tpacket2_hdr*>(slot)->tp_status);
}

// NOLINTNEXTLINE(readability-non-const-parameter): the frame that it gives is written to
RingFrame read_slot(std::uint8_t* slot) {
  tpacket2_hdr header{};
  std::memcpy(&header, slot, sizeof header);
  sockaddr_ll from{};
  std::memcpy(&from, slot + kAddressOffset, sizeof from);

  RingFrame frame;
  std::uint8_t* const start = slot + header.tp_mac;
  std::memcpy(&frame.header, start - sizeof frame.header, sizeof frame.header);
  frame.frame = {start, header.tp_snaplen};
  frame.headroom = header.tp_mac - sizeof frame.header - kDescriptionBytes;
  frame.tailroom = PacketRing::kFrameBytes - header.tp_mac - header.tp_snaplen;
  frame.packet_type = from.sll_pkttype;
  frame.truncated = header.tp_snaplen < header.tp_len;
  return frame;
}

}  // namespace

void PacketRing::Unmap::operator()(std::uint8_t* memory) const { munmap(memory, length); }

Result<PacketRing> PacketRing::open(LinkIndex link, std::span<const sock_filter> filter) {
  LVS_TRY(UniqueFd fd, make_socket());
  LVS_CHECK(attach_filter(fd.get(), filter));
  const std::size_t length = kBlocks * kBlockBytes;
  void* memory = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return fail_errno("packet ring: mmap");
  Memory owned(static_cast<std::uint8_t*>(memory), Unmap{length});
  LVS_CHECK(bind_to(fd.get(), link));
  return PacketRing(std::move(fd), link, std::move(owned));
}

std::uint8_t* PacketRing::slot(std::size_t number) const {
  // Frames do not straddle blocks, so each block has a little unused space at its end.
  return memory_.get() + number / kFramesPerBlock * kBlockBytes +
         number % kFramesPerBlock * kFrameBytes;
}

std::size_t PacketRing::receive(std::span<RingFrame> batch) {
  std::size_t count = 0;
  while (count < batch.size() && outstanding_ < kFrames) {
    std::uint8_t* const memory = slot(next_);
    if ((status_of(memory).load(std::memory_order_acquire) & TP_STATUS_USER) == 0) break;
    batch[count++] = read_slot(memory);
    next_ = (next_ + 1) % kFrames;
    ++outstanding_;
  }
  return count;
}

void PacketRing::release() {
  for (; outstanding_ > 0; --outstanding_) {
    std::uint8_t* const memory = slot((next_ + kFrames - outstanding_) % kFrames);
    status_of(memory).store(TP_STATUS_KERNEL, std::memory_order_release);
  }
}

Result<void> PacketRing::set_filter(std::span<const sock_filter> filter) {
  return attach_filter(fd_.get(), filter);
}

std::uint64_t PacketRing::lost() {
  tpacket_stats stats{};
  socklen_t size = sizeof stats;
  // Reading sets the kernel's counters to zero, so we add up.
  if (getsockopt(fd_.get(), SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0)
    lost_ += stats.tp_drops;
  return lost_;
}

int PacketRing::take_error() {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

}  // namespace lvs::linux_net
