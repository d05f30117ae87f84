#include "profiles/core/export/nft_text.h"

#include <array>
#include <map>

#include "net/base/overload.h"
#include "net/wire/addr_text.h"
#include "net/wire/bytes.h"

namespace lvs::profiles {
namespace {

std::string word_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::Tcp:
      return "tcp";
    case Protocol::Udp:
      return "udp";
    default:
      return std::to_string(static_cast<int>(protocol));
  }
}

std::string ip_word(Family family) { return family == Family::Ipv4 ? "ip" : "ip6"; }
std::string addr_type(Family family) { return family == Family::Ipv4 ? "ipv4_addr" : "ipv6_addr"; }

std::string match_text(const PacketMatch& match) {
  const std::string ip = ip_word(match.family);
  std::string text;
  if (!match.in_link.empty()) text += "iifname \"" + match.in_link + "\" ";
  if (!match.out_link.empty()) text += "oifname \"" + match.out_link + "\" ";
  if (match.source) text += ip + " saddr " + to_string(*match.source) + " ";
  if (match.destination) text += ip + " daddr " + to_string(*match.destination) + " ";
  if (match.protocol) text += "meta l4proto " + std::to_string(*match.protocol) + " ";
  if (match.port) text += "udp dport " + std::to_string(match.port->number) + " ";
  if (match.established) text += "ct state established,related ";
  return text;
}

struct Placed {
  std::string chain;  ///< its name and head
  std::string rule;
};

Placed placed(const OwnRule& rule) {
  const std::string filter = "priority -10; policy accept;";
  return std::visit(
      Overload{
          [](const MasqueradeRule& r) {
            return Placed{"postrouting { type nat hook postrouting priority 100; policy accept;",
                          ip_word(r.source.addr.family()) + " saddr " +
                              to_string(r.source.network()) + " oifname \"" + r.out_link +
                              "\" counter masquerade"};
          },
          [&](const AcceptRule& r) {
            const std::string hook = to_string(r.hook);
            return Placed{hook + " { type filter hook " + hook + " " + filter,
                          match_text(r.match) + "counter accept"};
          },
          [](const ArpDropRequest& r) {
            return Placed{
                "input { type filter hook input priority 0; policy accept;",
                "arp operation request arp daddr ip " + to_string(r.vip) + " counter drop"};
          },
          [](const ArpRewriteSender& r) {
            return Placed{"output { type filter hook output priority 0; policy accept;",
                          "oifname \"" + r.out_link + "\" arp operation request arp saddr ip " +
                              to_string(r.vip) + " counter arp saddr ip set " + to_string(r.rip)};
          },
          [](const ArpDropReply& r) {
            return Placed{"output { type filter hook output priority 0; policy accept;",
                          "arp operation reply arp saddr ip " + to_string(r.vip) + " counter drop"};
          },
          [](const UnknownRule& r) {
            return Placed{"", r.text};
          },
      },
      rule);
}

/// As nft takes what it has no name for.
std::string hexadecimal(const IpAddr& address) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::vector<std::uint8_t> octets(address.v6().octets().begin(), address.v6().octets().end());
  if (address.is_v4()) {
    octets.resize(4);
    wire::store_be32(octets, 0, address.v4().number());
  }
  std::string text = "0x";
  for (const std::uint8_t octet : octets) {
    text += digits[octet >> 4u];
    text += digits[octet & 0xfu];
  }
  return text;
}

/// The sets and rules of one family in a table that withholds.
class FamilyText {
 public:
  FamilyText(const Withholding& table, Family family)
      : table_(table), family_(family), six_(family == Family::Ipv4 ? "" : "6") {
    services_ = tuples(table.services);
    replies_ = tuples(table.replies);
  }

  std::string sets() const {
    std::string text;
    if (!services_.empty()) text += set("services", tuple_type(), services_);
    if (const std::string to = addresses(table_.fragments_to); !to.empty())
      text += set("fragments", addr_type(family_), to);
    if (!replies_.empty()) text += set("replies", tuple_type(), replies_);
    if (const std::string own = addresses(table_.own); !own.empty())
      text += set("own", addr_type(family_), own);
    if (const std::string servers = addresses(servers_of(table_)); !servers.empty())
      text += set("servers", addr_type(family_), servers);
    return text;
  }
  std::string rules() const {
    const std::string ip = ip_word(family_);
    const bool is_v4 = family_ == Family::Ipv4;
    std::string text;
    if (!addresses(table_.fragments_to).empty())
      text += rule(ip + " daddr @fragments" + six_ + " " + fragment());
    if (!services_.empty())
      text += rule("meta l4proto . " + ip + " daddr . th dport @services" + six_);
    if (!replies_.empty())
      text += rule("meta l4proto . " + ip + " saddr . th sport @replies" + six_ + not_own());
    if (!addresses(servers_of(table_)).empty())
      text += rule(ip + " saddr @servers" + six_ + " " + fragment() + not_own());
    for (const IpAddr& server : servers_of(table_))
      if (server.family() == family_)
        text += rule((is_v4 ? "icmp type 3-11 @th,192,32 " : "icmpv6 type 1-4 @th,256,128 ") +
                     hexadecimal(server) + not_own());
    return text;
  }
  std::string ranges(const std::string& link) const {
    std::string text;
    for (const WithheldRange& range : table_.ranges)
      if (range.link == link && range.family == family_) text += rule(range_match(range));
    return text;
  }

 private:
  std::string tuple_type() const {
    return "inet_proto . " + addr_type(family_) + " . inet_service";
  }
  std::string tuples(const std::vector<WithheldService>& all) const {
    std::string text;
    for (const WithheldService& each : all) {
      if (each.addr.family() != family_) continue;
      text += (text.empty() ? "" : ", ") + word_of(each.protocol) + " . " + to_string(each.addr) +
              " . " + std::to_string(each.port.number);
    }
    return text;
  }
  std::string addresses(const std::vector<IpAddr>& all) const {
    std::string text;
    for (const IpAddr& each : all)
      if (each.family() == family_) text += (text.empty() ? "" : ", ") + to_string(each);
    return text;
  }
  std::string fragment() const {
    return family_ == Family::Ipv4 ? "ip frag-off & 0x3fff != 0" : "exthdr frag exists";
  }
  std::string not_own() const { return " " + ip_word(family_) + " daddr != @own" + six_; }
  std::string range_match(const WithheldRange& range) const {
    const std::string ip = ip_word(family_);
    std::string text;
    if (range.source) text += ip + " saddr " + to_string(range.source->network()) + " ";
    if (range.addr)
      text += ip + " daddr " + to_string(*range.addr) + " ";
    else
      text += not_own().substr(1) + " meta pkttype host ";
    if (!range.protocol) return text + fragment();
    return text + to_string(*range.protocol) + (range.is_reply ? " sport " : " dport ") +
           std::to_string(range.first.number) +
           (range.first == range.last ? "" : "-" + std::to_string(range.last.number));
  }
  std::string set(const std::string& name, const std::string& type,
                  const std::string& elements) const {
    std::string text = "  set " + name + six_ + " {\n    type " + type + "\n";
    if (!elements.empty()) text += "    elements = { " + elements + " }\n";
    return text + "  }\n";
  }
  std::string rule(const std::string& match) const {
    return "    " + match + " counter drop comment \"" + table_.comment + "\"\n";
  }

  const Withholding& table_;
  Family family_;
  std::string six_;
  std::string services_;
  std::string replies_;
};

std::string head(const std::string& family, const std::string& name, const std::string& comment) {
  return "table " + family + " " + name + " {\n  comment \"" + comment + "\"\n";
}

}  // namespace

std::string nft_text(const OwnTable& table) {
  std::map<std::string, std::string> chains;
  std::vector<std::string> order;
  for (const OwnRule& rule : table.rules) {
    const Placed where = placed(rule);
    if (!chains.contains(where.chain)) order.push_back(where.chain);
    chains[where.chain] += "    " + where.rule + " comment \"" + table.comment + "\"\n";
  }
  std::string text = head(to_string(table.family), table.name, table.comment);
  for (const std::string& chain : order)
    text += "  chain " + chain + "\n" + chains[chain] + "  }\n";
  return text + "}\n";
}

std::string nft_text(const Withholding& table) {
  const std::array families{FamilyText(table, Family::Ipv4), FamilyText(table, Family::Ipv6)};
  std::string text = head("netdev", table.table, table.comment);
  for (const FamilyText& family : families) text += family.sets();
  for (const std::string& link : table.links) {
    text.append("  chain ingress_").append(link);
    text.append(" {\n    type filter hook ingress device \"").append(link);
    text.append("\" priority -300; policy accept;\n");
    for (const FamilyText& family : families) text += family.rules();
    for (const FamilyText& family : families) text += family.ranges(link);
    text += "  }\n";
  }
  return text + "}\n";
}

}  // namespace lvs::profiles
