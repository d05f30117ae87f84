// Which service a packet belongs to.

#include <algorithm>

#include "director/core/service_table.h"

namespace lvs::director {
namespace {

constexpr Port kFtp{21};
constexpr Port kFtpData{20};
constexpr Port kFirstUnprivileged{1024};  // where passive FTP data may go

bool is_in(const std::vector<MarkRule::Ports>& ports, Port port) {
  if (ports.empty()) return true;
  return std::ranges::any_of(ports, [&](const MarkRule::Ports& range) {
    return range.first <= port && port <= range.last;
  });
}

bool marks(const MarkRule& rule, const ServiceTable::Question& question) {
  return (!rule.family || *rule.family == question.destination.family()) &&
         (!rule.vip || *rule.vip == question.destination) &&
         (!rule.protocol || *rule.protocol == question.protocol) &&
         (!rule.source || rule.source->contains(question.source)) &&
         (rule.link == LinkIndex{} || rule.link == question.link) &&
         is_in(rule.ports, question.port);
}

}  // namespace

void ServiceTable::set_marks(std::vector<MarkRule> rules) { marks_ = std::move(rules); }

std::uint32_t ServiceTable::mark_of(const Question& question) const {
  if (question.mark != 0) return question.mark;
  const auto found =
      std::ranges::find_if(marks_, [&](const MarkRule& rule) { return marks(rule, question); });
  return found == marks_.end() ? 0 : found->mark;
}

std::optional<ServiceId> ServiceTable::find(const Question& question) const {
  if (sorts_.marks != 0)
    if (const std::uint32_t mark = mark_of(question); mark != 0)
      if (const auto found = find(ServiceKey::of_mark(mark, question.destination.family())))
        return found;

  ServiceKey key{question.protocol, question.destination, question.port};
  if (const auto found = find(key)) return found;
  const bool may_be_ftp_data = question.protocol == Protocol::Tcp &&
                               (question.port == kFtpData || question.port >= kFirstUnprivileged);
  if (sorts_.ftp != 0 && may_be_ftp_data) {
    key.port = kFtp;
    if (const auto found = find(key)) return found;
  }
  if (sorts_.every_port == 0) return std::nullopt;
  key.port = {};
  return find(key);
}

std::optional<ServiceId> ServiceTable::find(const ServiceKey& key) const {
  const auto found = std::ranges::lower_bound(index_, key, {}, &Index::value_type::first);
  if (found == index_.end() || found->first != key) return std::nullopt;
  return found->second;
}

bool ServiceTable::has_vip(Protocol protocol, const IpAddr& vip) const {
  const auto found =
      std::ranges::lower_bound(index_, ServiceKey{protocol, vip}, {}, &Index::value_type::first);
  return found != index_.end() && found->first.protocol == protocol && found->first.vip == vip;
}

bool ServiceTable::is_empty(Family family) const {
  return (family == Family::Ipv4 ? sorts_.ipv4 : sorts_.ipv6) == 0;
}

void ServiceTable::set_index(Index changed) {
  std::ranges::sort(changed);
  Sorts sorts;
  for (const auto& [key, id] : changed) {
    ++(key.family() == Family::Ipv4 ? sorts.ipv4 : sorts.ipv6);
    if (key.mark != 0) {
      ++sorts.marks;
    } else if (key.port == Port{}) {
      ++sorts.every_port;
    } else if (key.protocol == Protocol::Tcp && key.port == kFtp) {
      ++sorts.ftp;
    }
  }
  index_.swap(changed);
  sorts_ = sorts;
}

}  // namespace lvs::director
