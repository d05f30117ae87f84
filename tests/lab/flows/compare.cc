#include "tests/lab/flows/compare.h"

#include <algorithm>

#include "tests/lab/flows/book.h"
#include "tests/lab/flows/lines.h"

namespace lvs::test {
namespace {

constexpr std::string_view kDevice = ":tunl0";

/// An exception. The recording's servers of tun had a kernel device that took headers off, which
/// this kernel has not. What it would have shown is what is in the packets at the server's NIC.
std::vector<Seen> as_by_device(const Captures& ours, const std::string& place,
                               const std::string& flow) {
  std::vector<Seen> all;
  const auto found = ours.find(place);
  if (found == ours.end()) return all;
  for (const auto& [hop, packets] : found->second.hops) {
    if (hop.flow != flow || !hop.to_server) continue;
    for (Seen one : put_together(packets)) {
      one.outer.reset();
      all.push_back(std::move(one));
    }
  }
  return all;
}

std::string nic_of(const std::string& place) { return place.substr(0, place.find(':')) + ":eth0"; }

bool is_device(const std::string& place) {
  return place.size() > kDevice.size() && place.ends_with(kDevice);
}

}  // namespace

std::string to_text(const Differences& differences) {
  std::string text;
  for (const std::string& one : differences) text += one + "\n";
  return text;
}

Captures sort_captures(const std::map<std::string, std::vector<Packet>>& packets) {
  Captures captures;
  for (const auto& [place, all] : packets) captures[place] = sort_packets(all);
  return captures;
}

std::set<std::string> flows_of(const Captures& step) {
  std::set<std::string> flows;
  const auto client = step.find("client:eth0");
  if (client == step.end()) return flows;
  for (const auto& [hop, packets] : client->second.hops) flows.insert(hop.flow);
  return flows;
}

Differences compare_step(const Captures& recorded, const Captures& ours) {
  const std::set<std::string> flows = flows_of(recorded);
  std::vector<std::string> places;
  for (const auto& [place, sorted] : recorded) places.push_back(place);
  Book expected = book_of(recorded, flows, places);
  Book here = book_of(ours, flows, places);
  for (const auto& [key, lines] : expected)
    if (is_device(key.first))
      here[key] = lines_of(as_by_device(ours, nic_of(key.first), key.second.flow));
  return compare(expected, here);
}

Differences compare_arp(const Captures& recorded, const Captures& ours, const std::string& vip) {
  Differences differences;
  for (const auto& [place, sorted] : recorded)
    for (const auto& [line, count] : sorted.arp) {
      const auto here = ours.find(place);
      if (here == ours.end() || !here->second.arp.contains(line))
        differences.push_back(place + " arp: here nobody says " + line);
    }
  const auto claims = [&](const Captures& captures) {
    std::set<std::string> senders;  // their MAC addresses
    for (const auto& [place, sorted] : captures)
      for (const auto& [line, count] : sorted.arp)
        if (line.find(" reply " + vip) != std::string::npos ||
            line.find(" request " + vip + " ") != std::string::npos)
          senders.insert(line.substr(line.find('<') + 1, 2));
    return senders;
  };
  for (const std::string& sender : claims(ours))
    if (!claims(recorded).contains(sender))
      differences.push_back("arp: " + sender + " says that it has " + vip);
  return differences;
}

Differences check_transit(const Captures& captures, const std::set<std::string>& flows) {
  struct First {
    std::string where;
    std::vector<std::string> contents;
  };
  std::map<std::pair<std::string, bool>, First> firsts;
  Differences differences;
  for (const auto& [place, sorted] : captures) {
    if (is_device(place)) continue;
    for (const auto& [hop, packets] : sorted.hops) {
      if (!flows.contains(hop.flow)) continue;
      const std::string where = place + " " + to_text(hop);
      const std::vector<std::string> here = contents(put_together(packets));
      const auto [first, is_new] =
          firsts.emplace(std::pair{hop.flow, hop.to_server}, First{where, here});
      if (!is_new && first->second.contents != here)
        differences.push_back(where + " (" + std::to_string(here.size()) + " packets) carries " +
                              "something else than " + first->second.where + " (" +
                              std::to_string(first->second.contents.size()) + ")");
    }
  }
  return differences;
}

std::map<std::string, std::pair<long, long>> arrived(const Captures& captures) {
  std::map<std::string, std::pair<long, long>> figures;
  for (const auto& [hop, packets] : captures.at("dir:eth0").hops) {
    if (!hop.to_server || hop.macs != "05<03" || hop.flow == "ping") continue;
    const IpPacket& first = packets.front();
    const bool tcp = first.protocol == protocol::kTcp;
    const std::string address =
        first.version == 4 ? first.destination : "[" + first.destination + "]";
    auto& [count, bytes] =
        figures[(tcp ? "TCP " : "UDP ") + address + ":" + std::to_string(be16(first.payload(), 2))];
    count += static_cast<long>(packets.size());
    for (const IpPacket& packet : packets) bytes += static_cast<long>(packet.bytes.size());
  }
  return figures;
}

Differences check_sums(const Captures& captures) {
  Differences differences;
  for (const auto& [place, sorted] : captures)
    for (const auto& [hop, packets] : sorted.hops)
      for (const std::string& wrong : wrong_checksums(packets))
        differences.push_back(place + " " + hop.flow + " wrong checksum: " + wrong);
  return differences;
}

}  // namespace lvs::test
