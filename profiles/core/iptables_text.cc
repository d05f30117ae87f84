#include "profiles/core/iptables_text.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "net/wire/addr_text.h"

namespace lvs::profiles {
namespace {

/// The words of a line; quotes hold words together, a backslash takes the next byte as it is.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  bool begun = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\\' && quoted && i + 1 < line.size()) {
      word += line[++i];
    } else if (c == '"') {
      quoted = !quoted;
      begun = true;
    } else if (c == ' ' && !quoted) {
      if (begun) words.push_back(std::exchange(word, ""));
      begun = false;
    } else {
      word += c;
      begun = true;
    }
  }
  if (begun) words.push_back(word);
  return words;
}

template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

struct ProtocolName {
  std::string_view name;
  std::uint8_t number;
};
constexpr std::array kProtocols{
    ProtocolName{"icmp", 1},  ProtocolName{"igmp", 2},       ProtocolName{"ipencap", 4},
    ProtocolName{"ipip", 4},  ProtocolName{"tcp", 6},        ProtocolName{"udp", 17},
    ProtocolName{"ipv6", 41}, ProtocolName{"gre", 47},       ProtocolName{"esp", 50},
    ProtocolName{"ah", 51},   ProtocolName{"ipv6-icmp", 58}, ProtocolName{"icmpv6", 58},
    ProtocolName{"ospf", 89}, ProtocolName{"vrrp", 112},     ProtocolName{"sctp", 132}};

FilterCondition protocol_condition(std::string_view text) {
  FilterCondition condition{FilterField::Protocol};
  for (const ProtocolName& known : kProtocols)
    if (known.name == text) condition.any_of = {one_value({known.number})};
  if (const auto number = number_in<std::uint8_t>(text)) condition.any_of = {one_value({*number})};
  return condition.any_of.empty() ? FilterCondition{} : condition;
}

FilterCondition address_condition(FilterField field, std::string_view text, Family family) {
  const std::size_t slash = text.find('/');
  const auto addr = parse_ip(text.substr(0, slash));
  if (!addr || addr->family() != family) return {};
  std::optional<std::uint8_t> length = addr->bits();
  if (slash != std::string_view::npos) length = number_in<std::uint8_t>(text.substr(slash + 1));
  if (!length || *length > addr->bits()) return {};
  FilterCondition condition{field};
  condition.any_of = {range_of(Prefix{*addr, *length})};
  return condition;
}

FilterCondition link_condition(FilterField field, std::string name) {
  if (name.ends_with('+')) name.back() = '*';
  FilterCondition condition{field};
  condition.links = {std::move(name)};
  return condition;
}

FilterCondition port_condition(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto first = number_in<std::uint16_t>(text.substr(0, colon));
  const auto last =
      colon == std::string_view::npos ? first : number_in<std::uint16_t>(text.substr(colon + 1));
  if (!first || !last) return {};
  FilterCondition condition{FilterField::DestinationPort};
  condition.any_of = {{range_of(Port{*first}).first, range_of(Port{*last}).first}};
  return condition;
}

FilterCondition state_condition(std::string_view text) {
  FilterCondition condition{FilterField::State};
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (word == "INVALID") condition.states |= kStateInvalid;
    if (word == "ESTABLISHED") condition.states |= kStateEstablished;
    if (word == "RELATED") condition.states |= kStateRelated;
    if (word == "NEW") condition.states |= kStateNew;
  }
  return condition;
}

/// Reads the words of one `-A CHAIN …` line after the chain.
class RuleReader {
 public:
  RuleReader(std::vector<std::string> words, Family family)
      : words_(std::move(words)), family_(family) {}

  FilterRule read() {
    while (at_ < words_.size()) {
      const std::string option = words_[at_++];
      if (option == "!") {
        negated_ = true;
        continue;
      }
      take(option);
      negated_ = false;
    }
    return std::move(rule_);
  }

 private:
  void take(const std::string& option) {
    if (auto condition = condition_of(option)) {
      add(std::move(*condition));
    } else if (option == "-m") {
      value();  // what the match adds follows as options of its own
    } else if (option == "--comment") {
      rule_.comment = value();
    } else if (option == "-j" || option == "-g") {
      target(value(), option == "-g");
    } else if (!after_target_) {
      add({});
    }
  }

  /// What an option that is a condition asks for; nullopt for any other option.
  std::optional<FilterCondition> condition_of(std::string_view option) {
    if (option == "-p") return protocol_condition(value());
    if (option == "-s") return address_condition(FilterField::Source, value(), family_);
    if (option == "-d") return address_condition(FilterField::Destination, value(), family_);
    if (option == "-i") return link_condition(FilterField::InLink, value());
    if (option == "-o") return link_condition(FilterField::OutLink, value());
    if (option == "--dport") return port_condition(value());
    if (option == "--ctstate" || option == "--state") return state_condition(value());
    return std::nullopt;
  }

  void target(const std::string& name, bool is_goto) {
    after_target_ = true;  // what follows are the target's own options
    if (name == "ACCEPT") rule_.verdict = FilterVerdict::Accept;
    if (name == "RETURN") rule_.verdict = FilterVerdict::Return;
    if (name == "DROP" || name == "REJECT" || name == "NFQUEUE" || name == "QUEUE")
      rule_.verdict = FilterVerdict::Drop;
    if (rule_.verdict != FilterVerdict::Continue) return;
    // A target of x_tables that only does something is a chain that does not exist.
    rule_.verdict = is_goto ? FilterVerdict::Goto : FilterVerdict::Jump;
    rule_.target = name;
  }

  std::string value() { return at_ < words_.size() ? words_[at_++] : ""; }

  void add(FilterCondition condition) {
    condition.negated = negated_;
    rule_.conditions.push_back(std::move(condition));
  }

  std::vector<std::string> words_;
  Family family_;
  std::size_t at_ = 0;
  bool negated_ = false;
  bool after_target_ = false;
  FilterRule rule_;
};

}  // namespace

IptablesTable parse_iptables(std::string_view text, Family family) {
  IptablesTable table;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    std::vector<std::string> words = words_of(line);
    if (words.size() < 2) continue;
    const std::string chain = words[1];
    if (words[0] == "-N") table.chains[chain];
    if (words[0] == "-P" && words.size() > 2) table.policies[chain] = words[2];
    if (words[0] != "-A") continue;
    std::vector<FilterRule>& rules = table.chains[chain];
    words.erase(words.begin(), words.begin() + 2);
    rules.push_back(RuleReader(std::move(words), family).read());
    rules.back().name = std::to_string(rules.size());
  }
  return table;
}

}  // namespace lvs::profiles
