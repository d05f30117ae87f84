#include <gtest/gtest.h>
#include <linux/if_packet.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <string>

#include "director/io/configure.h"
#include "director/io/filter/run.h"
#include "director/io/filter/service_filter.h"
#include "net/wire/addr_text.h"
#include "net/wire/bytes.h"
#include "profiles/core/desired.h"
#include "profiles/core/read.h"

// What a director's host keeps from its kernel (nft, at ingress) and what its carrier takes (a
// socket filter) are two programs in two languages. A frame that only the kernel misses is lost,
// one that both have would arrive twice when it is given back. So: the rules as
// profiles/core/objects/withholding.h says them, literally, over what a frame was made of, against
// the socket filter over its bytes.

namespace lvs::director {
namespace {

using profiles::WithheldRange;
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
  bool is_to_us = true;  ///< by its destination MAC
  std::string link = "eth0";

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

/// The rule of a range.
bool is_in(const WithheldRange& range, const profiles::Withholding& table, const Made& made) {
  if (range.link != made.link || range.family != made.family) return false;
  if (range.addr ? *range.addr != made.destination
                 : has(table.own, made.destination) || !made.is_to_us)
    return false;
  if (range.source && !range.source->contains(made.source)) return false;
  if (!range.protocol) return made.is_fragment;
  const Port port{range.is_reply ? made.source_port : made.destination_port};
  return !made.is_later && *range.protocol == Protocol{made.protocol} && range.first <= port &&
         port <= range.last;
}

/// The nft rules, one after the other.
bool is_withheld(const profiles::Withholding& table, const Made& made) {
  if (made.is_tagged) return false;
  if (std::ranges::any_of(table.ranges,
                          [&](const auto& range) { return is_in(range, table, made); }))
    return true;
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

/// The host lb1 of a profile, as its set-up makes it.
Host host_of(const std::string& services) {
  const std::string hosts =
      "[host.lb1]\nrole = \"director\"\n"
      "nics = [{ name = \"eth0\", address = [\"10.0.0.1/24\", \"fd00::1/64\"], outside = true },\n"
      "        { name = \"eth1\", address = [\"10.0.3.1/24\", \"fd03::1/64\"] }]\n"
      "[host.rs1]\nrole = \"realserver\"\ninterface = \"eth0\"\n"
      "address = [\"10.0.3.2/24\", \"fd03::2/64\"]\n"
      "[host.rs2]\nrole = \"realserver\"\ninterface = \"eth0\"\n"
      "address = [\"10.0.3.3/24\", \"fd03::3/64\"]\n";
  const auto read = profiles::read_profile("name = \"test\"\n" + services + hosts, "test.toml");
  for (const auto& error : read.errors) ADD_FAILURE() << to_string(error);
  if (!read.errors.empty()) return {};
  const profiles::Host& director = *read.profile.host("lb1");
  return {profiles::withholding_of(read.profile, director),
          profiles::own_addresses(read.profile, director)};
}

constexpr const char* kFtpByNat =
    "[[service]]\nvip = [\"10.0.0.99\", \"fd00::99\"]\nport = 21\nmethod = \"nat\"\n"
    "servers = [\"rs1\", { host = \"rs2\", port = 8080 }]\n";
constexpr const char* kPersistentFtp =
    "[[service]]\nvip = [\"10.0.0.99\", \"fd00::99\"]\nport = 21\nmethod = \"tun\"\n"
    "persistence = true\nservers = [\"rs1\", \"rs2\"]\n";

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
  constexpr std::array<std::uint16_t, 11> ports{20,   21,   22,   53,    80,   81,
                                                1023, 1024, 8080, 40000, 65535};
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
  made.is_to_us = !random.one_in(20);
  made.link = random.one_in(3) ? "eth1" : "eth0";
  return made;
}

/// A filter for each of a director's two links.
class Filters {
 public:
  explicit Filters(const Selection& selection) {
    for (const char* link : {"eth0", "eth1"}) filters_[link] = exact_filter(selection, link);
  }
  bool take(const Made& made, std::span<const std::uint8_t> frame) const {
    const FilteredFrame given{
        .bytes = frame,
        .is_tagged = made.is_tagged,
        .packet_type = made.is_to_us ? std::uint8_t{PACKET_HOST} : std::uint8_t{PACKET_OTHERHOST}};
    return run_filter(filters_.at(made.link), given) != 0;
  }

 private:
  std::map<std::string, std::vector<sock_filter>> filters_;
};

std::vector<std::uint8_t> frame_of(const Made& made) {
  return made.family == Family::Ipv4 ? ipv4_frame(made) : ipv6_frame(made);
}

std::string told(const Made& made) {
  return to_string(made.source) + " > " + to_string(made.destination) + " protocol " +
         std::to_string(made.protocol) + " ports " + std::to_string(made.source_port) + " " +
         std::to_string(made.destination_port) + " fragment " + std::to_string(made.is_fragment) +
         std::to_string(made.is_later) + " icmp " + std::to_string(made.icmp_type) + " quotes " +
         to_string(made.quoted) + " extensions " + std::to_string(made.extensions.size()) + " at " +
         made.link + (made.is_to_us ? "" : " to all");
}

/// Options for each hop stand first or nowhere (RFC 8200, 4.1): else the host drops the packet.
bool is_legal(const Made& made) {
  const auto second = made.extensions.begin() + (made.extensions.empty() ? 0 : 1);
  return std::find(second, made.extensions.end(), 0) == made.extensions.end();
}

struct Seen {
  int withheld = 0;
  int shared = 0;
};

/// What the kernel misses and what the carrier takes are the same, frame by frame.
void expect_agreement(const Host& director, std::uint32_t seed, int frames, Seen& seen) {
  const Selection selection = selection_of(director.table, director.own);
  const Filters filters(selection);
  Random random(seed);
  for (int i = 0; i < frames; ++i) {
    const Made made = make(random);
    std::vector<std::uint8_t> frame = frame_of(made);
    const bool takes = filters.take(made, frame);
    const bool withheld = is_withheld(director.table, made);
    const bool shared = is_for_both(director.own, made);
    ASSERT_FALSE(withheld && shared) << "seed " << seed << " frame " << i << ": " << told(made);
    ASSERT_EQ(takes, withheld || shared) << "seed " << seed << " frame " << i << ": " << told(made);
    if (takes && is_legal(made)) {
      ASSERT_EQ(kernel_has_too(selection, {.bytes = frame}), shared) << told(made);
    }
    seen.withheld += withheld ? 1 : 0;
    seen.shared += shared ? 1 : 0;
  }
}

TEST(WithholdingAgreement, TheCarrierTakesWhatTheKernelMissesAndErrorsToTheHostItself) {
  Seen seen;
  expect_agreement(host(), 20261121, 200000, seen);
  EXPECT_GT(seen.withheld, 10000);
  EXPECT_GT(seen.shared, 1000);
}

TEST(WithholdingAgreement, WithoutNatServersOnlyServicesAndErrorsAreTaken) {
  Host director = host();
  director.table.replies.clear();
  director.table.own.clear();
  Seen seen;
  expect_agreement(director, 7, 50000, seen);
  EXPECT_GT(seen.withheld, 1000);
}

TEST(WithholdingAgreement, HoldsForTheDataPortsOfFtp) {
  for (const char* services : {kFtpByNat, kPersistentFtp}) {
    Seen seen;
    expect_agreement(host_of(services), 21, 100000, seen);
    EXPECT_GT(seen.withheld, 5000) << services;
  }
}

bool is_taken(const Host& director, const Made& made) {
  const Selection selection = selection_of(director.table, director.own);
  const bool taken = Filters(selection).take(made, frame_of(made));
  EXPECT_EQ(taken, is_withheld(director.table, made)) << told(made);
  return taken;
}

Made tcp(const char* from, std::uint16_t from_port, const char* to, std::uint16_t to_port) {
  Made made;
  made.source = ip(from);
  made.source_port = from_port;
  made.destination = ip(to);
  made.destination_port = to_port;
  return made;
}

TEST(WithholdingAgreement, FtpByNatTakesDataOfBothWaysAndLeavesTheDirectorsOwn) {
  const Host director = host_of(kFtpByNat);
  for (const std::uint16_t port : std::to_array<std::uint16_t>({20, 21, 1024, 65535}))
    EXPECT_TRUE(is_taken(director, tcp("10.0.0.10", 40000, "10.0.0.99", port))) << port;
  for (const std::uint16_t port : std::to_array<std::uint16_t>({19, 22, 80, 1023}))
    EXPECT_FALSE(is_taken(director, tcp("10.0.0.10", 40000, "10.0.0.99", port))) << port;
  EXPECT_TRUE(is_taken(director, tcp("10.0.3.2", 20, "10.0.0.10", 40000))) << "active";
  EXPECT_TRUE(is_taken(director, tcp("10.0.3.2", 50000, "10.0.0.10", 40000))) << "passive";
  EXPECT_FALSE(is_taken(director, tcp("10.0.3.2", 50000, "10.0.0.1", 22))) << "the host's own ssh";
  EXPECT_FALSE(is_taken(director, tcp("10.0.0.10", 50000, "10.0.0.1", 2222)));
}

TEST(WithholdingAgreement, PersistentFtpTakesWhatClientsSendAndNothingOfServers) {
  const Host director = host_of(kPersistentFtp);
  for (const std::uint16_t port : std::to_array<std::uint16_t>({20, 21, 1024, 65535}))
    EXPECT_TRUE(is_taken(director, tcp("10.0.0.10", 40000, "10.0.0.99", port))) << port;
  EXPECT_FALSE(is_taken(director, tcp("10.0.0.10", 40000, "10.0.0.99", 1023)));
  EXPECT_FALSE(is_taken(director, tcp("10.0.3.2", 20, "10.0.0.10", 40000)));
}

TEST(WithholdingAgreement, FtpThatIsNeitherPersistentNorByNatHasNoDataPorts) {
  const Host director = host_of(
      "[[service]]\nvip = \"10.0.0.99\"\nport = 21\nmethod = \"tun\"\nservers = [\"rs1\"]\n");
  EXPECT_TRUE(is_taken(director, tcp("10.0.0.10", 40000, "10.0.0.99", 21)));
  EXPECT_FALSE(is_taken(director, tcp("10.0.0.10", 40000, "10.0.0.99", 20)));
  EXPECT_FALSE(is_taken(director, tcp("10.0.0.10", 40000, "10.0.0.99", 50000)));
}

constexpr const char* kEveryPort =
    "[[service]]\nvip = [\"10.0.0.99\", \"fd00::99\"]\nport = 0\npersistence = true\n"
    "protocol = [\"tcp\", \"udp\"]\nmethod = \"nat\"\nservers = [\"rs1\"]\n";

TEST(WithholdingAgreement, HoldsForEveryPort) {
  const Host director = host_of(kEveryPort);
  Seen seen;
  expect_agreement(director, 22, 100000, seen);
  EXPECT_GT(seen.withheld, 10000);
  for (const std::uint16_t port : std::to_array<std::uint16_t>({1, 22, 65535}))
    EXPECT_TRUE(is_taken(director, tcp("10.0.0.10", 40000, "10.0.0.99", port))) << port;
  EXPECT_TRUE(is_taken(director, tcp("10.0.3.2", 22, "10.0.0.10", 40000))) << "an answer";
  EXPECT_FALSE(is_taken(director, tcp("10.0.3.3", 22, "10.0.0.10", 40000))) << "no server";
  EXPECT_FALSE(is_taken(director, tcp("10.0.0.10", 40000, "10.0.0.1", 22))) << "the host itself";
}

constexpr const char* kMarks =
    "[[service]]\nmark = 1\nmethod = \"tun\"\nservers = [\"rs1\"]\n"
    "[[service]]\nmark = 2\nmethod = \"nat\"\nservers = [\"rs2\", { host = \"rs1\", port = 81 }]\n"
    "[[service]]\nmark = 2\nfamily = \"ipv6\"\nmethod = \"tun\"\nservers = [\"rs2\"]\n"
    "[[mark]]\nvalue = 1\nvip = \"10.0.0.98\"\nprotocol = \"tcp\"\nports = [80, \"20-53\"]\n"
    "source = \"10.0.0.0/28\"\n"
    "[[mark]]\nvalue = 2\nprotocol = \"udp\"\nports = [\"80-8080\"]\ninterface = \"eth0\"\n"
    "[[mark]]\nvalue = 2\nsource = \"fd00::/64\"\ninterface = \"eth1\"\n";

TEST(WithholdingAgreement, HoldsForMarks) {
  const Host director = host_of(kMarks);
  Seen seen;
  expect_agreement(director, 23, 200000, seen);
  EXPECT_GT(seen.withheld, 10000);
}

TEST(WithholdingAgreement, AMarkTakesWhatItsEntrySaysAndNothingElse) {
  const Host director = host_of(kMarks);
  EXPECT_TRUE(is_taken(director, tcp("10.0.0.10", 40000, "10.0.0.98", 80)));
  EXPECT_TRUE(is_taken(director, tcp("10.0.0.10", 40000, "10.0.0.98", 22)));
  EXPECT_FALSE(is_taken(director, tcp("10.0.0.10", 40000, "10.0.0.98", 81)));
  EXPECT_FALSE(is_taken(director, tcp("10.0.0.99", 40000, "10.0.0.98", 80))) << "another source";
  Made any = tcp("10.0.0.10", 40000, "10.9.9.9", 80);
  EXPECT_FALSE(is_taken(director, any)) << "another protocol";
  any.protocol = 17;
  EXPECT_TRUE(is_taken(director, any));
  any.is_to_us = false;
  EXPECT_FALSE(is_taken(director, any)) << "a broadcast is for the host";
  any.is_to_us = true;
  any.link = "eth1";
  EXPECT_FALSE(is_taken(director, any)) << "another interface";
  any.link = "eth0";
  any.destination = ip("10.0.0.1");
  EXPECT_FALSE(is_taken(director, any)) << "the host's own address";
}

TEST(WithholdingAgreement, AnswersOfNatServersOfAMarkComeFromTheMarksPortsOrTheirOwn) {
  const Host director = host_of(kMarks);
  const auto answer = [&](const char* server, std::uint16_t port) {
    Made made = tcp(server, port, "10.0.0.10", 40000);
    made.protocol = 17;
    made.link = "eth1";
    return is_taken(director, made);
  };
  EXPECT_TRUE(answer("10.0.3.3", 80));
  EXPECT_TRUE(answer("10.0.3.3", 8080));
  EXPECT_FALSE(answer("10.0.3.3", 53));
  EXPECT_TRUE(answer("10.0.3.2", 81));
  EXPECT_FALSE(answer("10.0.3.2", 80));
}

}  // namespace
}  // namespace lvs::director
