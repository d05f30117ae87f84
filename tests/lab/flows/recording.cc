#include "tests/lab/flows/recording.h"

#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "tests/lab/flows/flow.h"

namespace lvs::test {
namespace {

namespace fs = std::filesystem;

fs::path golden() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing changes the environment
  const char* const named = std::getenv("LVSKIT_SHARED");
  return fs::path(named != nullptr ? named : LVSKIT_SHARED_DEFAULT) / "golden";
}

/// The recording's tunl0 gave bare IP packets (its file says Ethernet, wrongly).
std::vector<Packet> read_capture(const fs::path& file) {
  const bool is_bare = file.string().find("-tunl0") != std::string::npos;
  std::array<char, PCAP_ERRBUF_SIZE> error{};
  const std::unique_ptr<pcap_t, void (*)(pcap_t*)> capture(
      pcap_open_offline(file.c_str(), error.data()), pcap_close);
  EXPECT_TRUE(capture) << error.data();
  std::vector<Packet> packets;
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  while (capture && pcap_next_ex(capture.get(), &header, &bytes) == 1) {
    const std::span<const std::uint8_t> all(bytes, header->caplen);
    packets.push_back(is_bare ? Packet{.ip = read_ip(all)} : read_frame(all));
  }
  return packets;
}

/// "dr-http-big-answer-rs1-eth0.pcap" is rs1:eth0 of the step http-big-answer.
std::map<std::string, std::vector<Packet>> read_captures(const std::string& method,
                                                         const std::string& step) {
  std::map<std::string, std::vector<Packet>> packets;
  const std::string prefix = method + "-" + step + "-";
  for (const auto& entry : fs::directory_iterator(golden() / "pcap")) {
    const std::string name = entry.path().stem();
    if (name.rfind(prefix, 0) != 0) continue;
    std::string place = name.substr(prefix.size());
    const std::size_t dash = place.find('-');
    // A longer step's name may begin with this one's.
    if (dash == std::string::npos || place.find('-', dash + 1) != std::string::npos) continue;
    place[dash] = ':';
    packets[place] = read_capture(entry.path());
  }
  return packets;
}

/// One exception. The recording's director put fragments together and sent them out of the same
/// buffers, changed in place, of which its own capture still held the later ones: they show what
/// left. What had come in is what the client sent, one router later.
void mend_overwritten_fragments(RecordedStep& step) {
  std::vector<Packet>& arrived = step.packets["dir:eth0"];
  const std::vector<Packet>& sent = step.packets["client:eth0"];
  for (std::size_t i = 1; i < arrived.size() && i < sent.size(); ++i) {
    const bool is_later = sent[i].ip && sent[i].ip->offset_bytes != 0 && sent[i].from_mac == "01";
    if (!is_later || !arrived[i].ip || arrived[i].from_mac == "03") continue;
    const std::string to = arrived.front().to_mac;
    arrived[i] = sent[i];
    arrived[i].to_mac = to;
    arrived[i].from_mac = "03";
    Bytes& bytes = arrived[i].ip->bytes;
    --arrived[i].ip->ttl;
    --bytes[8];
    // One less in the high half of a word: one more there in its sum's complement.
    const unsigned sum = be16(bytes, 10) + 0x100u;
    bytes[10] = static_cast<std::uint8_t>((sum + (sum >> 16)) >> 8);
    bytes[11] = static_cast<std::uint8_t>(sum + (sum >> 16));
  }
}

std::string string_of(const Json* value) {
  const std::string* const text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string{} : *text;
}

std::vector<std::string> words(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> all;
  for (std::string word; in >> word;) all.push_back(word);
  return all;
}

}  // namespace

std::vector<ListedConnection> connections_of(const std::string& listing, const std::string& vip) {
  std::vector<ListedConnection> found;
  std::istringstream in(listing);
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string> w = words(line);
    if (w.size() < 6 || w[4].rfind(vip + ":", 0) != 0) continue;
    const int expires = std::stoi(w[1]) * 60 + std::stoi(w[1].substr(w[1].find(':') + 1));
    found.push_back({w[0], expires, w[2], w[3], w[4], w[5]});
  }
  return found;
}

std::map<std::string, std::pair<long, long>> counts_of(const std::string& listing) {
  std::map<std::string, std::pair<long, long>> counts;
  std::istringstream in(listing);
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string> w = words(line);
    if (w.size() == 6 && w[0] == "->" && w[3] != "Weight")
      counts[w[1]] = {std::stol(w[4]), std::stol(w[5])};
  }
  return counts;
}

std::map<std::string, Figures> figures_of(const std::string& listing, const std::string& vip) {
  std::map<std::string, Figures> figures;
  std::istringstream in(listing);
  std::string service;
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string> w = words(line);
    if (w.size() != 7) continue;
    if (w[0] == "TCP" || w[0] == "UDP") service = w[0] + " " + w[1];
    if (w[0] != "->" || service.find(" " + vip + ":") == std::string::npos) continue;
    figures[service + " " + w[1]] = {.connections = std::stol(w[2]),
                                     .packets = std::stol(w[3]),
                                     .bytes = std::stol(w[5]),
                                     .packets_out = std::stol(w[4]),
                                     .bytes_out = std::stol(w[6])};
  }
  return figures;
}

std::optional<Recording> Recording::read(const std::string& method) {
  std::ifstream in(golden() / "flows.json");
  if (!in) return std::nullopt;
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto all = parse_json(text);
  const Json* const part = all ? all->find(method) : nullptr;
  if (part == nullptr) return std::nullopt;
  Recording recording;
  for (const auto& [name, value] : *part->find("steps")->as_object()) {
    RecordedStep step{name, *value.find("result"), string_of(value.find("lnc")),
                      read_captures(method, name)};
    mend_overwritten_fragments(step);
    recording.steps_.push_back(std::move(step));
  }
  recording.steps_.push_back({"state-walk", {}, {}, read_captures(method, "state-walk")});
  for (const Json& entry : *part->find("state_walk")->as_array()) {
    const Json::Array& pair = *entry.as_array();
    recording.walk_.emplace_back(*pair[0].as_string(), *pair[1].as_string());
  }
  recording.final_figures_ = string_of(part->find("final")->find("stats"));
  return recording;
}

const RecordedStep& Recording::step(const std::string& name) const {
  for (const RecordedStep& step : steps_)
    if (step.name == name) return step;
  static const RecordedStep kNone;
  ADD_FAILURE() << "the recording has no step " << name;
  return kNone;
}

std::string Recording::walk(const std::string& heading) const {
  for (const auto& [name, text] : walk_)
    if (name == heading) return text;
  ADD_FAILURE() << "the recording's state walk has no " << heading;
  return {};
}

}  // namespace lvs::test
