#include "director/core/ipvsadm/words.h"

namespace lvs::director::ipvsadm {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

/// The word at the front of `line`, which begins with no blank; takes it off.
std::string take_word(std::string_view& line) {
  std::string word;
  while (!line.empty() && kBlanks.find(line.front()) == std::string_view::npos) {
    const char first = line.front();
    line.remove_prefix(1);
    if (first != '"' && first != '\'') {
      word += first;
      continue;
    }
    const std::size_t end = line.find(first);
    word += line.substr(0, end);
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  }
  return word;
}

}  // namespace

std::vector<std::string> split_words(std::string_view line) {
  std::vector<std::string> words;
  while (true) {
    const std::size_t start = line.find_first_not_of(kBlanks);
    if (start == std::string_view::npos) return words;
    line.remove_prefix(start);
    words.push_back(take_word(line));
  }
}

}  // namespace lvs::director::ipvsadm
