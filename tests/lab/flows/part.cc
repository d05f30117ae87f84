#include "tests/lab/flows/part.h"

namespace lvs::test {
namespace {

std::string bracketed(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

std::string table_of(const Part& part, const std::string& ports, const std::string& protocol) {
  std::string text = "[[service]]\nvip = \"" + part.vip + "\"\nports = " + ports +
                     "\nprotocol = \"" + protocol + "\"\nmethod = \"" + part.method +
                     "\"\nscheduler = \"rr\"\nservers = [\"" + part.servers[0] + "\", \"" +
                     part.servers[1] + "\"]\n";
  if (!part.tunnel.empty()) text += "tunnel = " + part.tunnel + "\n";
  return text;
}

Part by_tunnel(const std::string& name, const std::string& tunnel, const std::string& options,
               std::size_t less_bytes) {
  return {.name = name,
          .method = "tun",
          .vip = "10.0.0.101",
          .servers = {"rs3", "rs4"},
          .rips = {"10.2.0.13", "10.2.0.14"},
          .first_port = 10100,
          .picked_ports = {60241, 51217},
          .tunnel = tunnel,
          .ipvsadm = "-i " + options,
          .less_bytes = less_bytes};
}

}  // namespace

std::string services_of(const std::vector<Part>& parts) {
  std::string text;
  for (const Part& part : parts)
    text += table_of(part, "[80, 81]", "tcp") + table_of(part, "[53, 9999]", "udp");
  return text;
}

std::vector<std::string> commands_of(const Part& part) {
  struct Named {
    const char* option;
    const char* port;
  };
  constexpr std::array services{Named{"-t", ":80"}, Named{"-u", ":53"}, Named{"-u", ":9999"},
                                Named{"-t", ":81"}};
  const auto name = [&](const Named& service) {
    return std::string(service.option) + " " + bracketed(part.vip) + service.port;
  };
  std::vector<std::string> commands;
  for (const Named& service : services)
    commands.push_back("ipvsadm -A " + name(service) + " -s rr");
  for (const Named& service : services)
    for (const std::string& rip : part.rips)
      commands.push_back("ipvsadm -a " + name(service) + " -r " + bracketed(rip) + service.port +
                         " " + part.ipvsadm + " -w 1");
  return commands;
}

const std::vector<Part>& golden_parts() {
  static const std::vector<Part> kParts{{.name = "dr",
                                         .method = "dr",
                                         .vip = "10.0.0.100",
                                         .servers = {"rs1", "rs2"},
                                         .rips = {"10.0.0.11", "10.0.0.12"},
                                         .first_port = 10000,
                                         .picked_ports = {50439, 40461},
                                         .ipvsadm = "-g"},
                                        {.name = "tun",
                                         .method = "tun",
                                         .vip = "10.0.0.101",
                                         .servers = {"rs3", "rs4"},
                                         .rips = {"10.2.0.13", "10.2.0.14"},
                                         .first_port = 10100,
                                         .picked_ports = {60241, 51217},
                                         .ipvsadm = "-i"},
                                        {.name = "nat",
                                         .method = "nat",
                                         .vip = "10.0.0.102",
                                         .servers = {"rs5", "rs6"},
                                         .rips = {"10.1.0.15", "10.1.0.16"},
                                         .first_port = 10200,
                                         .picked_ports = {42197, 50475},
                                         .ipvsadm = "-m"}};
  return kParts;
}

const std::vector<Part>& own_parts() {
  static const std::vector<Part> kParts{
      {.name = "dr6",
       .method = "dr",
       .vip = "2001:db8::100",
       .servers = {"rs1", "rs2"},
       .rips = {"2001:db8::11", "2001:db8::12"},
       .first_port = 10000,
       .picked_ports = {50439, 40461},
       .ipvsadm = "-g",
       .less_bytes = 1412},
      {.name = "tun6",
       .method = "tun",
       .vip = "2001:db8::101",
       .servers = {"rs3", "rs4"},
       .rips = {"2001:db8:2::13", "2001:db8:2::14"},
       .first_port = 10100,
       .picked_ports = {60241, 51217},
       .ipvsadm = "-i",
       .less_bytes = 1412},
      {.name = "nat6",
       .method = "nat",
       .vip = "2001:db8::102",
       .servers = {"rs5", "rs6"},
       .rips = {"2001:db8:1::15", "2001:db8:1::16"},
       .first_port = 10200,
       .picked_ports = {42197, 50475},
       .ipvsadm = "-m",
       .less_bytes = 1412},
      by_tunnel("gue", R"({ type = "gue" })", "--tun-type gue --tun-port 6080 --tun-nocsum", 1440),
      by_tunnel("gue_summed", R"({ type = "gue", checksum = true })",
                "--tun-type gue --tun-port 6080 --tun-csum", 1440),
      by_tunnel("gre", R"({ type = "gre" })", "--tun-type gre --tun-nocsum", 1448),
      by_tunnel("gre_summed", R"({ type = "gre", checksum = true })", "--tun-type gre --tun-csum",
                1444)};
  return kParts;
}

}  // namespace lvs::test
