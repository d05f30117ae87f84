#include "tests/lab/flows/book.h"

#include <algorithm>
#include <istream>
#include <sstream>

namespace lvs::test {
namespace {

constexpr std::string_view kAcknowledgement = "  ack: ";

void compare_lines(const std::string& where, const std::vector<std::string>& recorded,
                   const std::vector<std::string>& ours, Differences& differences) {
  for (std::size_t i = 0; i < std::max(recorded.size(), ours.size()); ++i) {
    const std::string expected = i < recorded.size() ? recorded[i] : "nothing";
    const std::string actual = i < ours.size() ? ours[i] : "nothing";
    if (expected != actual)
      differences.push_back(where + " packet " + std::to_string(i + 1) + "\n  recorded " +
                            expected + "\n  here     " + actual);
  }
}

std::pair<std::string, FlowHop> read_heading(const std::string& line) {
  std::istringstream in(line);
  std::string place;
  std::string direction;
  FlowHop hop;
  std::getline(in, place, '|');
  std::getline(in, hop.flow, '|');
  std::getline(in, direction, '|');
  std::getline(in, hop.macs);
  hop.to_server = direction == "to the server";
  return {place, hop};
}

}  // namespace

Book book_of(const Captures& captures, const std::set<std::string>& flows,
             const std::vector<std::string>& places) {
  Book book;
  for (const std::string& place : places) {
    const auto found = captures.find(place);
    if (found == captures.end()) continue;
    for (const auto& [hop, packets] : found->second.hops)
      if (flows.contains(hop.flow)) book[{place, hop}] = lines_of(put_together(packets));
  }
  return book;
}

Differences compare(const Book& recorded, const Book& ours) {
  Book all = recorded;
  all.insert(ours.begin(), ours.end());
  const auto lines_at = [](const Book& book, const auto& key) {
    const auto found = book.find(key);
    return found == book.end() ? Lines{} : found->second;
  };
  Differences differences;
  for (const auto& entry : all) {
    const auto& key = entry.first;
    const std::string where = key.first + " " + to_text(key.second);
    const Lines expected = lines_at(recorded, key);
    const Lines actual = lines_at(ours, key);
    compare_lines(where, expected.packets, actual.packets, differences);
    compare_lines(where + ", acknowledgements,",
                  {expected.acknowledgements.begin(), expected.acknowledgements.end()},
                  {actual.acknowledgements.begin(), actual.acknowledgements.end()}, differences);
  }
  return differences;
}

std::string to_text(const Book& book) {
  std::string text;
  for (const auto& [key, lines] : book) {
    const auto& [place, hop] = key;
    text += place + "|" + hop.flow + (hop.to_server ? "|to the server|" : "|to the client|") +
            hop.macs + "\n";
    for (const std::string& line : lines.packets) text += "  " + line + "\n";
    for (const std::string& line : lines.acknowledgements)
      text += std::string(kAcknowledgement) + line + "\n";
  }
  return text;
}

Book read_book(std::istream& in) {
  Book book;
  Lines* current = nullptr;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("  ", 0) != 0) {
      current = &book[read_heading(line)];
    } else if (current != nullptr && line.rfind(kAcknowledgement, 0) == 0) {
      current->acknowledgements.insert(line.substr(kAcknowledgement.size()));
    } else if (current != nullptr) {
      current->packets.push_back(line.substr(2));
    }
  }
  return book;
}

}  // namespace lvs::test
