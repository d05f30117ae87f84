#include "profiles/io/firewall/filter_from_nft.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_conntrack.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <string_view>
#include <utility>

#include "profiles/io/firewall/nft_register.h"

// A rule is read as the kernel runs it: registers are loaded, masked and compared. What a register
// holds is followed as far as we know the field; everything else makes the rule "maybe".

namespace lvs::profiles {
namespace {

using linux_net::NftElement;
using linux_net::NftExpression;
using linux_net::NftRule;
using Bytes = std::vector<std::uint8_t>;
using Form = RegisterForm;

/// Statements that decide nothing, and targets of x_tables that drop.
constexpr std::array<std::string_view, 5> kHarmless{"counter", "log", "notrack", "last", "objref"};
constexpr std::array<std::string_view, 5> kDrops{"REJECT", "TARPIT", "NFQUEUE", "DROP", "STEAL"};
constexpr std::uint16_t kOnlyState = XT_CONNTRACK_STATE;
constexpr std::uint16_t kAlias = XT_CONNTRACK_STATE_ALIAS;

FilterCondition unknown() { return {}; }

class Reader {
 public:
  Reader(const NftRule& rule, const NftContext& context)
      : rule_(rule), context_(context), family_(rule.family) {}

  std::vector<FilterRule> read() {
    out_.name = "handle " + std::to_string(rule_.handle);
    out_.comment = comment_of(rule_);
    for (const NftExpression& expression : rule_.expressions) take(expression);
    std::vector<FilterRule> all = std::move(mapped_);
    if (all.empty()) all.push_back(std::move(out_));
    return all;
  }

 private:
  void take(const NftExpression& e) {
    if (e.kind == "meta" || e.kind == "payload" || e.kind == "ct") return load(e);
    if (e.kind == "bitwise") return mask(e);
    if (e.kind == "cmp") return compare(e);
    if (e.kind == "range") return compare_range(e);
    if (e.kind == "lookup") return look_up(e);
    if (e.kind == "immediate") return immediate(e);
    if (e.kind == "reject" || e.kind == "queue") return give(FilterVerdict::Drop, "");
    if (e.kind == "match") return match(e);
    if (e.kind == "target") return target(e);
    if (std::ranges::find(kHarmless, e.kind) != kHarmless.end()) return;
    add(unknown());
  }

  void load(const NftExpression& e) {
    if (e.into == 0) return;  // it writes
    Loaded loaded;
    if (e.kind == "meta") loaded = loaded_meta(e.key);
    if (e.kind == "payload") loaded = loaded_header(e, family_);
    if (e.kind == "ct" && e.key == NFT_CT_STATE) loaded = {FilterField::State, Form::State, 4};
    registers_[e.into] = loaded;
  }

  void mask(const NftExpression& e) {
    Loaded loaded = held(e.from);
    const bool flips = std::ranges::any_of(e.more, [](std::uint8_t b) { return b != 0; });
    loaded.mask = e.data;
    registers_[e.into] = flips || e.op != 0 || loaded.second_size != 0 ? Loaded{} : loaded;
  }

  void compare(const NftExpression& e) {
    const Loaded loaded = held(e.from);
    const bool equal = e.op == NFT_CMP_EQ;
    if (loaded.form == Form::State) return compare_state(loaded, e);
    if (loaded.second_size != 0) return compare_two(loaded, e);
    if (e.op == NFT_CMP_GTE || e.op == NFT_CMP_LTE) return compare_order(loaded, e);
    if (!equal && e.op != NFT_CMP_NEQ) return add(unknown());
    FilterCondition condition = condition_on(loaded, e.data);
    condition.negated = !equal;
    if (!condition.any_of.empty() && loaded.field == FilterField::Family && equal)
      learn_family(condition.any_of[0].first[0]);
    add(std::move(condition));
  }

  /// `ct state established,related`: bits that are wanted are masked, and must not all be zero.
  void compare_state(const Loaded& loaded, const NftExpression& e) {
    const std::uint32_t value = host_number(e.data);
    FilterCondition condition{FilterField::State};
    condition.states = loaded.mask.empty() ? value : host_number(loaded.mask);
    const bool any_bit = !loaded.mask.empty() && value == 0;
    const bool this_one = loaded.mask.empty() && value != 0;
    if (!any_bit && !this_one) return add(unknown());
    if (e.op != NFT_CMP_EQ && e.op != NFT_CMP_NEQ) return add(unknown());
    condition.negated = any_bit == (e.op == NFT_CMP_EQ);
    add(std::move(condition));
  }

  void compare_two(const Loaded& loaded, const NftExpression& e) {
    if (e.op != NFT_CMP_EQ || e.data.size() != loaded.whole + loaded.second_size)
      return add(unknown());
    const auto middle = e.data.begin() + static_cast<std::ptrdiff_t>(loaded.whole);
    add(condition_on({loaded.field, Form::Plain, loaded.whole}, Bytes(e.data.begin(), middle)));
    add(condition_on({loaded.second, Form::Plain, loaded.second_size},
                     Bytes(middle, e.data.end())));
  }

  void compare_order(const Loaded& loaded, const NftExpression& e) {
    if (loaded.form != Form::Plain || !loaded.mask.empty() || e.data.size() != loaded.whole)
      return add(unknown());
    FilterCondition condition{loaded.field};
    const bool at_least = e.op == NFT_CMP_GTE;
    condition.any_of = {{at_least ? e.data : Bytes(e.data.size(), 0),
                         at_least ? Bytes(e.data.size(), 0xff) : e.data}};
    add(std::move(condition));
  }

  void compare_range(const NftExpression& e) {
    const Loaded loaded = held(e.from);
    const bool plain = loaded.form == Form::Plain && loaded.mask.empty() &&
                       loaded.second_size == 0 && e.data.size() == loaded.whole;
    if (!plain) return add(unknown());
    FilterCondition condition{loaded.field, e.op == NFT_RANGE_NEQ};
    condition.any_of = {{e.data, e.more}};
    add(std::move(condition));
  }

  FilterCondition condition_on(const Loaded& loaded, const Bytes& value) {
    FilterCondition condition{loaded.field};
    if (loaded.field == FilterField::Unknown) return unknown();
    if (loaded.form == Form::LinkName) {
      condition.links = {link_pattern(value)};
    } else if (loaded.form == Form::LinkNumber) {
      condition.links = {context_.link_name(host_number(value))};
    } else {
      const auto range = loaded.field == FilterField::Family ? family_range(loaded, value)
                                                             : range_from(loaded, value);
      if (!range) return unknown();
      condition.any_of = {*range};
    }
    return condition;
  }

  /// A condition for elements of a set.
  FilterCondition condition_on(const Loaded& loaded, const std::vector<NftElement>& elements) {
    FilterCondition all{loaded.field};
    if (!loaded.mask.empty() || loaded.second_size != 0) return unknown();
    for (const NftElement& element : elements) {
      if (loaded.form == Form::State) {
        all.states |= host_number(element.first);
      } else if (loaded.form == Form::Plain && element.first.size() >= loaded.whole) {
        all.any_of.push_back({cut(element.first, loaded.whole), cut(element.last, loaded.whole)});
      } else if (element.first == element.last) {
        FilterCondition one = condition_on(loaded, element.first);
        if (one.field == FilterField::Unknown) return unknown();
        all.any_of.insert(all.any_of.end(), one.any_of.begin(), one.any_of.end());
        all.links.insert(all.links.end(), one.links.begin(), one.links.end());
      } else {
        return unknown();
      }
    }
    return all;
  }

  static Bytes cut(const Bytes& bytes, std::size_t size) {
    return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)};
  }

  void look_up(const NftExpression& e) {
    const Loaded loaded = held(e.from);
    const auto elements = context_.elements(e.name);
    const bool is_verdict_map = e.into == NFT_REG_VERDICT && elements && !elements->empty() &&
                                elements->front().verdict.has_value();
    if (!elements || (loaded.field == FilterField::Unknown && !is_verdict_map))
      return add(unknown());
    if (!is_verdict_map) {
      FilterCondition condition = condition_on(loaded, *elements);
      condition.negated = (e.op & NFT_LOOKUP_F_INV) != 0;
      return add(std::move(condition));
    }
    for (const NftElement& element : *elements) {
      FilterRule rule = out_;
      rule.conditions.push_back(loaded.field == FilterField::Unknown
                                    ? unknown()
                                    : condition_on(loaded, std::vector{element}));
      set_verdict(rule, element.verdict.value_or(NF_ACCEPT), element.chain);
      mapped_.push_back(std::move(rule));
    }
  }

  void immediate(const NftExpression& e) {
    if (e.into != NFT_REG_VERDICT) registers_[e.into] = {};
    if (e.verdict) set_verdict(out_, *e.verdict, e.name);
  }

  static void set_verdict(FilterRule& rule, std::int32_t code, const std::string& chain) {
    rule.target = chain;
    switch (code) {
      case NF_ACCEPT:
        rule.verdict = FilterVerdict::Accept;
        return;
      case NFT_JUMP:
        rule.verdict = FilterVerdict::Jump;
        return;
      case NFT_GOTO:
        rule.verdict = FilterVerdict::Goto;
        return;
      case NFT_RETURN:
        rule.verdict = FilterVerdict::Return;
        return;
      case NFT_CONTINUE:
        rule.verdict = FilterVerdict::Continue;
        return;
      default:  // NF_DROP, with or without an errno above it; NF_QUEUE
        rule.verdict = FilterVerdict::Drop;
    }
  }

  void match(const NftExpression& e) {
    if (e.name == "comment") return;
    xt_conntrack_mtinfo3 info{};
    const bool is_state = e.name == "conntrack" && e.op == 3 && e.data.size() >= sizeof info;
    if (is_state) std::memcpy(&info, e.data.data(), sizeof info);
    if (!is_state || (info.match_flags & ~kAlias) != kOnlyState) return add(unknown());
    FilterCondition condition{FilterField::State, (info.invert_flags & kOnlyState) != 0};
    condition.states = info.state_mask;
    add(std::move(condition));
  }

  void target(const NftExpression& e) {
    if (std::ranges::find(kDrops, e.name) != kDrops.end()) give(FilterVerdict::Drop, "");
  }

  void give(FilterVerdict verdict, const std::string& chain) {
    out_.verdict = verdict;
    out_.target = chain;
  }

  void learn_family(std::uint8_t family) {
    if (family == 4) family_ = NFPROTO_IPV4;
    if (family == 6) family_ = NFPROTO_IPV6;
  }

  Loaded held(std::uint32_t reg) {
    const auto found = registers_.find(reg);
    return found == registers_.end() ? Loaded{} : found->second;
  }

  void add(FilterCondition condition) { out_.conditions.push_back(std::move(condition)); }

  const NftRule& rule_;
  const NftContext& context_;
  std::uint8_t family_;
  std::map<std::uint32_t, Loaded> registers_;
  FilterRule out_;
  std::vector<FilterRule> mapped_;
};

}  // namespace

std::vector<FilterRule> filter_rules(const NftRule& rule, const NftContext& context) {
  return Reader(rule, context).read();
}

std::string comment_of(const NftRule& rule) {
  if (!rule.comment.empty()) return rule.comment;
  for (const NftExpression& expression : rule.expressions) {
    if (expression.kind != "match" || expression.name != "comment") continue;
    return {expression.data.begin(), std::ranges::find(expression.data, std::uint8_t{0})};
  }
  return {};
}

}  // namespace lvs::profiles
