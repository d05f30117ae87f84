#include "tests/lab/method_lab.h"

#include <algorithm>
#include <cctype>

#include "net/json/json.h"

namespace lvs::test {
namespace {

const char* outside_net(Family family) {
  return family == Family::Ipv4 ? "192.168.1." : "2001:db8:1::";
}
const char* inside_net(Family family) {
  return family == Family::Ipv4 ? "192.168.3." : "2001:db8:3::";
}

std::vector<Family> families_of(const Shape& shape) {
  if (shape.is_mixed()) return {shape.vip, shape.server};
  return {shape.vip};
}

bool is_nat(const Shape& shape) { return shape.method == "nat"; }

/// The number of a server: 0 for rs1, 1 for rs2; the director comes last.
int number_of(const std::string& server) { return server == "rs1" ? 0 : server == "rs2" ? 1 : 2; }

std::string last_octet(const Shape& shape, const std::string& server) {
  return std::to_string((is_nat(shape) ? 2 : 91) + number_of(server));
}

std::string rip_of(const Shape& shape, const std::string& server) {
  return (is_nat(shape) ? inside_net(shape.server) : outside_net(shape.server)) +
         last_octet(shape, server);
}

/// `[ "NETLAST/LENGTH", … ]`, an address of each family.
std::string addresses(const Shape& shape, const char* (*net)(Family), const std::string& last) {
  std::string text;
  for (const Family family : families_of(shape))
    text += (text.empty() ? "\"" : ", \"") + (net(family) + last) +
            (family == Family::Ipv4 ? "/24\"" : "/64\"");
  return "[" + text + "]";
}

std::string one_nic_host(const std::string& name, const std::string& role,
                         const std::string& addresses) {
  return "[host." + name + "]\nrole = \"" + role +
         "\"\ninterface = \"eth0\"\naddress = " + addresses + "\n";
}

std::string director_of(const Shape& shape) {
  if (!is_nat(shape)) return one_nic_host("lb1", "director", addresses(shape, outside_net, "90"));
  return "[host.lb1]\nrole = \"director\"\nnics = [{ name = \"eth0\", address = " +
         addresses(shape, outside_net, "91") +
         ", outside = true },\n        { name = \"eth1\", address = " +
         addresses(shape, inside_net, "1") + " }]\n";
}

/// A server that is named by its address is one for which the lab starts nothing.
std::string seat_of(const Shape& shape, const ServiceOfLab& service, const std::string& server) {
  if (server == "lb1") return "\"lb1\"";
  const bool by_address = shape.is_mixed() || !service.has_lab_programs;
  std::string seat =
      by_address ? "address = \"" + rip_of(shape, server) + "\"" : "host = \"" + server + "\"";
  if (const int port = real_port(shape, service, server); port != service.port)
    seat += ", port = " + std::to_string(port);
  return "{ " + seat + " }";
}

std::string service_text(const Shape& shape, const std::string& vip, const ServiceOfLab& service) {
  std::string servers;
  for (const std::string& server : service.servers)
    servers += (servers.empty() ? "" : ", ") + seat_of(shape, service, server);
  return "[[service]]\nvip = \"" + vip + "\"\nport = " + std::to_string(service.port) +
         "\nprotocol = \"" + service.protocol + "\"\nmethod = \"" + shape.method +
         "\"\nscheduler = \"rr\"\nservers = [" + servers + "]\n" +
         (shape.tunnel.empty() ? "" : "tunnel = " + shape.tunnel + "\n") + service.more;
}

/// Servers of a mixed tunnel are named by address, so a service beside theirs, which nobody uses,
/// is what has the lab start their programs.
std::string for_the_programs(const Shape& shape, const ServiceOfLab& service) {
  if (!shape.is_mixed() || !service.has_lab_programs) return {};
  Shape plain = shape;
  plain.server = plain.vip;
  plain.tunnel = {};
  return service_text(plain, outside_net(shape.vip) + std::string("98"), service);
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

std::vector<Shape> every_shape() {
  std::vector<Shape> shapes;
  for (const char* const method : {"dr", "nat", "tun"})
    for (const Family family : {Family::Ipv4, Family::Ipv6}) {
      std::string name = std::string(method) + (family == Family::Ipv4 ? "4" : "6");
      name[0] = static_cast<char>(std::toupper(name[0]));
      shapes.push_back({.name = name, .method = method, .vip = family, .server = family});
    }
  return shapes;
}

std::string vip_of(const Shape& shape) {
  return outside_net(shape.vip) + std::string(is_nat(shape) ? "91" : "99");
}

std::string url_of(const Shape& shape, const std::string& scheme) {
  const std::string vip = vip_of(shape);
  return scheme + "://" + (shape.vip == Family::Ipv4 ? vip : "[" + vip + "]");
}

int real_port(const Shape& shape, const ServiceOfLab& service, const std::string& server) {
  // What the director gives to itself is not rewritten.
  const bool is_itself = server == "lb1";
  if (!is_nat(shape) || service.first_real_port == 0 || is_itself) return service.port;
  return service.first_real_port + number_of(server);
}

std::string profile_of(const Shape& shape, const std::vector<ServiceOfLab>& services) {
  std::string text = "name = \"" + lower_case(shape.name) + "\"\n";
  for (const ServiceOfLab& service : services)
    text += service_text(shape, vip_of(shape), service) + for_the_programs(shape, service);
  text += director_of(shape);
  for (const std::string server : {"rs1", "rs2"})
    text += one_nic_host(
        server, "realserver",
        addresses(shape, is_nat(shape) ? inside_net : outside_net, last_octet(shape, server)));
  if (shape.is_mixed())
    text += one_nic_host("client", "client", addresses(shape, outside_net, "10"));
  return text;
}

void MethodLab::TearDown() {
  if (HasFailure() && !IsSkipped()) {
    ADD_FAILURE() << cluster().director_log();
    ADD_FAILURE() << cluster().on("lb1", {"lvs-director", "list", "--connections"}).out;
  }
  RoleLab::TearDown();
}

void MethodLab::run(const Shape& shape, const std::vector<ServiceOfLab>& services) {
  ASSERT_NO_FATAL_FAILURE(up(profile_of(shape, services)));
  if (IsSkipped()) return;
  for (const verify::HostPart& part : parts())
    if (part.program == "lvs-realserver") our_command("apply", part.host);
  cluster().run_director();
}

std::string MethodLab::curl(const std::string& url, const std::string& options) {
  return sh("client", "curl --globoff --silent --show-error --fail --http1.1 --max-time 60 " +
                          options + " '" + url + "'");
}

std::set<std::string> MethodLab::answers(const std::string& url, int count) {
  std::set<std::string> answers;
  for (int i = 0; i < count; ++i) answers.insert(curl(url));
  return answers;
}

void MethodLab::watch_peers(const Shape& shape) {
  std::vector<PeerCounters::Server> servers{{"rs1", cluster().netns("rs1")},
                                            {"rs2", cluster().netns("rs2")}};
  // The lab gives its client the first address that is free.
  const std::string client = outside_net(shape.vip) + std::string("1");
  peers_.emplace(cluster().netns("client"), std::move(servers), PeerCounters::of_client(client));
}

void MethodLab::expect_conserved() {
  if (peers_) peers_->expect_conserved();  // waits for what is on its way
  const auto listed = parse_json(cluster().ok_on("lb1", {"lvs-director", "list", "--json"}));
  ASSERT_TRUE(listed);
  const Json& counters = *listed->find("counters");
  const auto of = [&](std::string_view name) { return *counters.int_at(name); };
  EXPECT_EQ(of("received"), of("forward") + of("local") + of("kernel") + of("answer") + of("drop"));
  EXPECT_GT(of("forward"), 0);
}

std::int64_t MethodLab::counted(const std::string& what) {
  const auto listed = parse_json(cluster().ok_on("lb1", {"lvs-director", "list", "--json"}));
  const Json* const counters = listed ? listed->find("counters") : nullptr;
  const auto count = counters != nullptr ? counters->int_at(what) : Result<std::int64_t>{-1};
  EXPECT_TRUE(count && *count >= 0) << what;
  return count.value_or(-1);
}

std::string MethodLab::random_file(std::size_t bytes) {
  const std::string file = cluster().scratch() / "random";
  sh("client", "head -c " + std::to_string(bytes) + " /dev/urandom > " + file);
  return file;
}

std::string MethodLab::uploaded() {
  return "$(find " + cluster().scratch().string() + " -name upload -type f)";
}

std::string MethodLab::echoed_length(const std::string& vip, int port, int length) {
  // Single quotes are the shell's. Linux sends datagrams with DF: the first that is too long for a
  // tunnel is answered with the right MTU, which the second keeps to.
  const std::string script =
      "use IO::Socket::IP; $s = IO::Socket::IP->new(Proto => q(udp), PeerHost => q(" + vip +
      "), PeerPort => " + std::to_string(port) +
      ") or die; $SIG{ALRM} = sub { die qq(no answer\\n) }; alarm 10; "
      "for (1, 2) { $s->send(q(x) x " +
      std::to_string(length) +
      "); last if defined $s->recv($b, 65535); } $b =~ s/^rs[12] //; print length $b;";
  return sh("client", "perl -e '" + script + "'");
}

std::string MethodLab::checksum(const std::string& host, const std::string& files) {
  return sh(host, "cat " + files + " | sha256sum").substr(0, 64);
}

std::string MethodLab::checksum_of_big() {
  return checksum("client", "$(find " + cluster().scratch().string() + " -name big -type f)");
}

}  // namespace lvs::test
