#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "director/io/configure.h"
#include "director/io/service_filter.h"
#include "net/wire/addr_text.h"
#include "net/wire/bytes.h"
#include "tests/support/filter_run.h"

// What a director's host keeps from its kernel (nft, at ingress) and what its carrier takes (a
// socket filter) are two programs in two languages. A frame that only the kernel misses is lost,
// one that both have would arrive twice when it is given back. So: the rules as
// profiles/core/objects/withholding.h says them, literally, over what a frame was made of, against
// the socket filter over its bytes.

namespace lvs::director {
namespace {

using profiles::WithheldService;

IpAddr ip(const char* text) { return *parse_ip(text); }

/// What a frame is made of.
struct Made {
  Family family = Family::Ipv4;
  std::vector<std::uint8_t> extensions;  ///< IPv6: types of the headers before the fragment's
  bool is_options = false;               ///< IPv4: four bytes of them
  bool is_fragment = false;
  bool is_later = false;
  std::uint8_t protocol = 6;
  IpAddr source{};
  IpAddr destination{};
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint8_t icmp_type = 0;
  IpAddr quoted{};  ///< destination of the packet that an ICMP error quotes
  bool is_tagged = false;

  bool is_icmp() const { return protocol == (family == Family::Ipv4 ? 1 : 58); }
};

std::size_t put_address(std::span<std::uint8_t> at, const IpAddr& address) {
  if (address.is_v4()) {
    wire::store_be32(at, 0, address.v4().number());
    return 4;
  }
  std::ranges::copy(address.v6().octets(), at.begin());
  return 16;
}

/// The transport header and some bytes behind it.
void put_payload(std::span<std::uint8_t> at, const Made& made) {
  if (!made.is_icmp()) {
    wire::store_be16(at, 0, made.source_port);
    wire::store_be16(at, 2, made.destination_port);
    return;
  }
  at[0] = made.icmp_type;
  put_address(at.subspan(made.family == Family::Ipv4 ? 8 + 16 : 8 + 24), made.quoted);
}

std::vector<std::uint8_t> ipv4_frame(const Made& made) {
  std::vector<std::uint8_t> frame(128);
  const std::span all(frame);
  const std::uint8_t words = made.is_options ? 6 : 5;
  wire::store_be16(all, 12, 0x0800);
  frame[14] = 0x40 | words;
  wire::store_be16(all, 16, 114);
  wire::store_be16(all, 20, made.is_later ? 0x00b9 : (made.is_fragment ? 0x2000 : 0x4000));
  frame[22] = 64;
  frame[23] = made.protocol;
  put_address(all.subspan(26), made.source);
  put_address(all.subspan(30), made.destination);
  put_payload(all.subspan(14 + 4u * words), made);
  return frame;
}

std::vector<std::uint8_t> ipv6_frame(const Made& made) {
  std::vector<std::uint8_t> frame(256);
  const std::span all(frame);
  wire::store_be16(all, 12, 0x86dd);
  frame[14] = 0x60;
  wire::store_be16(all, 18, 256 - 54);
  frame[21] = 64;
  put_address(all.subspan(22), made.source);
  put_address(all.subspan(38), made.destination);
  std::size_t next = 20;  // where the type of the next header is said
  std::size_t at = 54;
  for (const std::uint8_t type : made.extensions) {
    frame[next] = type;
    next = at;
    frame[at + 1] = type == 51 ? 4 : 1;  // 24 bytes, and 16
    at += type == 51 ? 24 : 16;
  }
  if (made.is_fragment) {
    frame[next] = 44;
    next = at;
    wire::store_be16(all, at + 2, made.is_later ? 0x0b90 : 0x0001);
    at += 8;
  }
  frame[next] = made.protocol;
  put_payload(all.subspan(at), made);
  return frame;
}

bool has(const std::vector<IpAddr>& all, const IpAddr& address) {
  return std::ranges::find(all, address) != all.end();
}
bool has(const std::vector<WithheldService>& all, const WithheldService& service) {
  return std::ranges::find(all, service) != all.end();
}

/// The nft rules, one after the other.
bool is_withheld(const profiles::Withholding& table, const Made& made) {
  if (made.is_tagged) return false;
  const Protocol protocol{made.protocol};
  const std::vector<IpAddr> servers = profiles::servers_of(table);
  if (made.is_fragment && has(table.fragments_to, made.destination)) return true;
  if (!made.is_later && !made.is_icmp() &&
      has(table.services, {protocol, made.destination, Port{made.destination_port}}))
    return true;
  if (has(table.own, made.destination)) return false;
  if (!made.is_later && !made.is_icmp() &&
      has(table.replies, {protocol, made.source, Port{made.source_port}}))
    return true;
  if (made.is_fragment && has(servers, made.source)) return true;
  const std::uint8_t first = made.family == Family::Ipv4 ? 3 : 1;
  const std::uint8_t last = made.family == Family::Ipv4 ? 11 : 4;
  return !made.is_later && made.is_icmp() && made.icmp_type >= first && made.icmp_type <= last &&
         has(servers, made.quoted);
}

/// Errors to this host itself, which the kernel has too.
bool is_for_both(const std::vector<IpAddr>& own, const Made& made) {
  if (made.is_tagged || made.is_fragment || !made.is_icmp() || !has(own, made.destination))
    return false;
  if (made.family == Family::Ipv6) return made.icmp_type >= 1 && made.icmp_type <= 4;
  return made.icmp_type == 3 || made.icmp_type == 4 || made.icmp_type == 11;
}

struct Host {
  profiles::Withholding table;
  std::vector<IpAddr> own;
};

/// A director with services by nat and by others, in both families.
Host host() {
  Host made;
  made.own = {ip("10.0.0.1"), ip("10.0.0.99"), ip("fd00::1"), ip("fd00::99")};
  made.table.services = {{Protocol::Tcp, ip("10.0.0.98"), Port{80}},
                         {Protocol::Tcp, ip("10.0.0.99"), Port{80}},
                         {Protocol::Udp, ip("10.0.0.99"), Port{81}},
                         {Protocol::Tcp, ip("fd00::99"), Port{80}},
                         {Protocol::Udp, ip("fd00::99"), Port{53}}};
  made.own.push_back(ip("10.0.0.98"));
  made.table.fragments_to = {ip("10.0.0.98"), ip("10.0.0.99"), ip("fd00::99")};
  made.table.replies = {{Protocol::Tcp, ip("10.0.3.2"), Port{8080}},
                        {Protocol::Udp, ip("10.0.3.2"), Port{81}},
                        {Protocol::Tcp, ip("fd03::2"), Port{80}}};
  made.table.own = made.own;
  return made;
}

class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}
  template <typename Value, std::size_t N>
  Value of(const std::array<Value, N>& choices) {
    return choices[engine_() % N];
  }
  bool one_in(std::uint32_t n) { return engine_() % n == 0; }

 private:
  std::minstd_rand engine_;
};

Made make(Random& random) {
  static const std::array v4{ip("10.0.0.1"),  ip("10.0.0.98"), ip("10.0.0.99"),
                             ip("10.0.0.10"), ip("10.0.3.2"),  ip("10.0.3.3")};
  static const std::array v6{ip("fd00::1"), ip("fd00::99"), ip("fd00::10"),
                             ip("fd03::2"), ip("fd03::3"),  ip("fd00::98")};
  constexpr std::array<std::uint16_t, 6> ports{53, 80, 81, 8080, 22, 40000};
  Made made;
  made.family = random.one_in(2) ? Family::Ipv4 : Family::Ipv6;
  const bool is_v4 = made.family == Family::Ipv4;
  const auto address = [&] { return random.of(is_v4 ? v4 : v6); };
  made.source = address();
  made.destination = address();
  made.quoted = address();
  made.is_options = random.one_in(3);
  while (random.one_in(2) && made.extensions.size() < 4)
    made.extensions.push_back(random.of(std::array<std::uint8_t, 4>{0, 43, 51, 60}));
  const std::uint8_t icmp = is_v4 ? 1 : 58;
  made.protocol = random.of(std::array<std::uint8_t, 5>{6, 17, 132, 50, icmp});
  made.is_later = random.one_in(5);
  // A first fragment of an ICMP error: nobody sends those.
  made.is_fragment = made.is_later || (!made.is_icmp() && random.one_in(5));
  made.source_port = random.of(ports);
  made.destination_port = random.of(ports);
  made.icmp_type = random.of(std::array<std::uint8_t, 10>{0, 1, 2, 3, 4, 5, 8, 11, 12, 128});
  made.is_tagged = random.one_in(20);
  return made;
}

TEST(WithholdingAgreement, TheCarrierTakesWhatTheKernelMissesAndErrorsToTheHostItself) {
  const Host director = host();
  const Selection selection = selection_of(director.table, director.own);
  const std::vector<sock_filter> filter = exact_filter(selection, "eth0");
  Random random(20261121);
  int withheld_count = 0;
  int shared_count = 0;
  for (int i = 0; i < 200000; ++i) {
    const Made made = make(random);
    std::vector<std::uint8_t> frame =
        made.family == Family::Ipv4 ? ipv4_frame(made) : ipv6_frame(made);
    const bool takes = test::FilterRun(filter, frame, made.is_tagged).verdict() != 0;
    const bool withheld = is_withheld(director.table, made);
    const bool shared = is_for_both(director.own, made);
    ASSERT_FALSE(withheld && shared) << i;
    ASSERT_EQ(takes, withheld || shared)
        << i << ": " << to_string(made.source) << " > " << to_string(made.destination)
        << " protocol " << int{made.protocol} << " ports " << made.source_port << " "
        << made.destination_port << " fragment " << made.is_fragment << made.is_later << " icmp "
        << int{made.icmp_type} << " quotes " << to_string(made.quoted) << " extensions "
        << made.extensions.size();
    // Options for each hop stand first or nowhere (RFC 8200, 4.1): else the host drops the packet.
    const auto second = made.extensions.begin() + (made.extensions.empty() ? 0 : 1);
    const bool is_legal = std::find(second, made.extensions.end(), 0) == made.extensions.end();
    if (takes && is_legal) {
      ASSERT_EQ(kernel_has_too(selection, {.bytes = frame}), shared) << i;
    }
    withheld_count += withheld ? 1 : 0;
    shared_count += shared ? 1 : 0;
  }
  EXPECT_GT(withheld_count, 10000);
  EXPECT_GT(shared_count, 1000);
}

TEST(WithholdingAgreement, WithoutNatServersOnlyServicesAndErrorsAreTaken) {
  Host director = host();
  director.table.replies.clear();
  director.table.own.clear();
  const Selection selection = selection_of(director.table, director.own);
  const std::vector<sock_filter> filter = exact_filter(selection, "eth0");
  Random random(7);
  for (int i = 0; i < 50000; ++i) {
    const Made made = make(random);
    const std::vector<std::uint8_t> frame =
        made.family == Family::Ipv4 ? ipv4_frame(made) : ipv6_frame(made);
    ASSERT_EQ(test::FilterRun(filter, frame, made.is_tagged).verdict() != 0,
              is_withheld(director.table, made) || is_for_both(director.own, made))
        << i;
  }
}

}  // namespace
}  // namespace lvs::director
