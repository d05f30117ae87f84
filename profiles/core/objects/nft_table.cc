#include "profiles/core/objects/nft_table.h"

#include <algorithm>
#include <tuple>

#include "net/base/joined.h"
#include "net/base/overload.h"
#include "net/wire/addr_text.h"

namespace lvs::profiles {
namespace {

/// A table is read back chain by chain: what counts is the order within each chain.
std::vector<OwnRule> by_chain(std::vector<OwnRule> rules) {
  for (OwnRule& rule : rules) {
    if (auto* accept = std::get_if<AcceptRule>(&rule)) accept->match = canonical(accept->match);
    if (auto* masquerade = std::get_if<MasqueradeRule>(&rule))
      masquerade->source = masquerade->source.network();
  }
  std::ranges::stable_sort(rules, {}, chain_of);
  return rules;
}

bool same_table(const OwnTable& a, const OwnTable& b) {
  return std::tie(a.family, a.name, a.comment) == std::tie(b.family, b.name, b.comment) &&
         by_chain(a.rules) == by_chain(b.rules);
}

std::string word_for(const OwnRule& rule) {
  return std::visit(Overload{
                        [](const MasqueradeRule&) { return "masquerade"; },
                        [](const AcceptRule&) { return "accept"; },
                        [](const ArpDropRequest&) { return "silent"; },
                        [](const ArpRewriteSender&) { return "ask-as-rip"; },
                        [](const ArpDropReply&) { return "claim-nothing"; },
                        [](const UnknownRule&) { return "unknown"; },
                    },
                    rule);
}

}  // namespace

std::string chain_of(const OwnRule& rule) {
  return std::visit(Overload{
                        [](const MasqueradeRule&) { return std::string("postrouting"); },
                        [](const AcceptRule& r) { return to_string(r.hook); },
                        [](const ArpDropRequest&) { return std::string("input"); },
                        [](const ArpRewriteSender&) { return std::string("output"); },
                        [](const ArpDropReply&) { return std::string("output"); },
                        [](const UnknownRule&) { return std::string(); },
                    },
                    rule);
}

std::string comment_for(const OwnTable& table, const OwnRule& rule) {
  const std::size_t name = table.comment.find(':');
  const std::size_t end = name == std::string::npos ? name : table.comment.find(':', name + 1);
  return table.comment.substr(0, end) + ":" + word_for(rule);
}

std::string to_string(NftFamily family) {
  if (family == NftFamily::Ip) return "ip";
  if (family == NftFamily::Arp) return "arp";
  if (family == NftFamily::Netdev) return "netdev";
  return family == NftFamily::Ip6 ? "ip6" : "inet";
}

std::string describe(const OwnRule& rule) {
  return std::visit(
      Overload{
          [](const MasqueradeRule& r) {
            return "masquerade " + lvs::to_string(r.source) + " out by " + r.out_link;
          },
          [](const AcceptRule& r) { return to_string(r.hook) + ": accept " + describe(r.match); },
          [](const ArpDropRequest& r) { return "drop who-has " + lvs::to_string(r.vip); },
          [](const ArpRewriteSender& r) {
            return "own ARP requests on " + r.out_link + " from " + lvs::to_string(r.vip) +
                   " are sent from " + lvs::to_string(r.rip);
          },
          [](const ArpDropReply& r) { return "drop replies that claim " + lvs::to_string(r.vip); },
          [](const UnknownRule& r) { return "not ours: " + r.text; },
      },
      rule);
}

std::string describe(const OwnTable& table) {
  std::vector<std::string> rules;
  for (const OwnRule& rule : table.rules) rules.push_back(describe(rule));
  return "nft table " + identity(table) + " (" + joined(rules, "; ") + ")";
}

std::string identity(const OwnTable& table) { return to_string(table.family) + " " + table.name; }

bool same_place(const OwnTable& a, const OwnTable& b) {
  return a.family == b.family && a.name == b.name;
}

bool is_as_made(const OwnTable& present, const OwnTable& made) { return same_table(present, made); }

bool serves(const OwnTable& present, const OwnTable& wanted) { return same_table(present, wanted); }

}  // namespace lvs::profiles
