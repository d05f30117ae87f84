#include "director/core/ipvsadm/scan.h"

#include <algorithm>
#include <string_view>

namespace lvs::director::ipvsadm {
namespace {

const Switch* find_long(std::string_view long_name) {
  const auto all = all_switches();
  const auto found = std::ranges::find(all, long_name, &Switch::long_name);
  return found == all.end() || long_name.empty() ? nullptr : &*found;
}

const Switch* find_short(char letter) {
  const auto all = all_switches();
  const auto found = std::ranges::find(all, letter, &Switch::short_name);
  return found == all.end() || letter == 0 ? nullptr : &*found;
}

class Scanner {
 public:
  explicit Scanner(std::span<const std::string> words) : words_(words) {}

  Scanned run() {
    while (!words_.empty() && !scanned_.problem) {
      const std::string word = take();
      if (word == "--") break;
      if (word.size() < 2 || word[0] != '-') {
        scanned_.rest.push_back(word);
      } else if (word[1] == '-') {
        read_long(word);
      } else {
        read_bundle(word);
      }
    }
    if (!scanned_.problem) scanned_.rest.insert(scanned_.rest.end(), words_.begin(), words_.end());
    return std::move(scanned_);
  }

 private:
  std::string take() {
    std::string word = words_.front();
    words_ = words_.subspan(1);
    return word;
  }
  void stop(const std::string& word, std::string_view why) {
    scanned_.problem = Refusal{word + ": " + std::string{why}, kRefusedStatus};
  }

  void read_long(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string_view all{word};
    const Switch* const what =
        find_long(all.substr(2, equals == std::string::npos ? equals : equals - 2));
    if (what == nullptr) return stop(word, "unknown option");
    if (equals == std::string::npos) return read_value(*what, word, "");
    if (what->argument == Argument::None) return stop(word, "option does not take an argument");
    scanned_.switches.push_back({what, word, word.substr(equals + 1), true});
  }

  void read_bundle(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const Switch* const what = find_short(word[i]);
      if (what == nullptr) return stop(word, "unknown option");
      if (what->argument != Argument::None) {
        const std::size_t rest = i + 1 < word.size() && word[i + 1] == '=' ? i + 2 : i + 1;
        return read_value(*what, word, word.substr(std::min(rest, word.size())));
      }
      read_value(*what, word, "");
    }
  }

  /// `attached` is what follows in the same word; empty: the value is the next word.
  void read_value(const Switch& what, const std::string& word, std::string attached) {
    if (what.argument == Argument::None) {
      scanned_.switches.push_back({&what, word, "", false});
    } else if (!attached.empty()) {
      scanned_.switches.push_back({&what, word, std::move(attached), true});
    } else if (what.argument == Argument::Optional &&
               (words_.empty() || words_.front().starts_with('-'))) {
      scanned_.switches.push_back({&what, word, "", false});
    } else if (words_.empty()) {
      stop(word, "missing argument");
    } else {
      scanned_.switches.push_back({&what, word, take(), true});
    }
  }

  std::span<const std::string> words_;
  Scanned scanned_;
};

}  // namespace

Scanned scan(std::span<const std::string> words) { return Scanner(words).run(); }

}  // namespace lvs::director::ipvsadm
