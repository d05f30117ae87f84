#include "verify/core/owner.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "net/wire/addr_text.h"
#include "verify/core/owner_rules.h"

namespace lvs::verify {
namespace {

void count_claim(Claimant& claimant, ClaimKind kind) {
  switch (kind) {
    case ClaimKind::ReplyToOwn:
      ++claimant.replies_to_own;
      break;
    case ClaimKind::ReplyToZero:
      ++claimant.replies_to_zero;
      break;
    case ClaimKind::Request:
      ++claimant.requests;
      break;
    case ClaimKind::Announcement:
      ++claimant.announcements;
      break;
  }
}

Claimant make_claimant(const MacAddr& mac, const OwnerEvidence& seen, const KnownHosts& hosts) {
  Claimant claimant{.mac = mac, .who = {}, .state = {}};
  const KnownMac* known = hosts.find(mac);
  if (known == nullptr) return claimant;
  claimant.who = *known;
  if (const auto state = seen.states.find(known->host); state != seen.states.end())
    claimant.state = state->second;
  return claimant;
}

void replace_all(std::string& text, std::string_view word, const std::string& by) {
  for (std::size_t at = text.find(word); at != std::string::npos;
       at = text.find(word, at + by.size()))
    text.replace(at, word.size(), by);
}

/// The rule's sentence with its placeholders filled in.
std::string filled(std::string_view sentence, const Claimant& claimant, Ipv4Addr vip) {
  std::string text{sentence};
  replace_all(text, "{vip}", to_string(vip));
  replace_all(text, "{mac}", to_string(claimant.mac));
  replace_all(text, "{host}", claimant.name());
  return text;
}

std::string asked_line(const OwnerEvidence& seen) {
  return "asked who has " + to_string(seen.vip) + ": " + std::to_string(seen.asked_as_own) +
         " times as this host, " + std::to_string(seen.asked_as_zero) + " times as 0.0.0.0";
}

std::string claim_line(const Claimant& c, const KnownHosts& hosts) {
  std::string line = hosts.describe(c.mac) + " answered " + std::to_string(c.replies_to_own) +
                     " + " + std::to_string(c.replies_to_zero) + " times";
  if (c.requests > 0)
    line += ", asked " + std::to_string(c.requests) + " times with the VIP as sender";
  if (c.announcements > 0) line += ", announced it " + std::to_string(c.announcements) + " times";
  return line;
}

bool is_allowed(const Claimant& claimant, const OwnerEvidence& seen) {
  return std::find(seen.allowed_macs.begin(), seen.allowed_macs.end(), claimant.mac) !=
         seen.allowed_macs.end();
}

bool is_owner(const Claimant& claimant, const std::string& owner) {
  return claimant.who && claimant.who->host == owner;
}

/// The director that owns the VIP: the first of the profile's that answered; empty: none did.
std::string find_owner(const std::vector<Claimant>& all, const OwnerEvidence& seen) {
  for (const std::string& director : seen.directors)
    for (const Claimant& claimant : all)
      if (is_owner(claimant, director) && claimant.replies() > 0) return director;
  return {};
}

std::string directors_text(const OwnerEvidence& seen) {
  std::string text;
  for (const std::string& director : seen.directors)
    text += (text.empty() ? "" : " or ") + director;
  return text.empty() ? "a director" : text;
}

Check nobody_answers(const OwnerEvidence& seen) {
  const std::string director = directors_text(seen);
  return {.id = "owner.none",
          .status = Status::Fail,
          .title = "nobody answers ARP for " + to_string(seen.vip),
          .host = seen.directors.empty() ? "" : seen.directors.front(),
          .evidence = {asked_line(seen), "no answer"},
          .why = "no host of this LAN has the VIP: " + director +
                 " is down, was not set up, or ignores ARP on that NIC (arp_ignore above 2)",
          .fix = "on " + director + ": lvs-director check PROFILE, then lvs-director run PROFILE"};
}

Check director_silent(const OwnerEvidence& seen) {
  const std::string director = directors_text(seen);
  return {.id = "owner.director",
          .status = Status::Fail,
          .title = director + " does not answer ARP for " + to_string(seen.vip),
          .host = seen.directors.empty() ? "" : seen.directors.front(),
          .evidence = {asked_line(seen)},
          .why = "only others claim the VIP, so no traffic reaches the director",
          .fix = "on " + director + ": lvs-director check PROFILE, then lvs-director run PROFILE"};
}

Check wrong_claim(const Claimant& claimant, const OwnerEvidence& seen, const KnownHosts& hosts) {
  const ClaimRule& rule = diagnose(claimant);
  return {.id = std::string{rule.id},
          .status = rule.severity == Severity::Fault ? Status::Fail : Status::Warn,
          .title = filled(rule.finding, claimant, seen.vip),
          .host = claimant.name(),
          .evidence = {asked_line(seen), claim_line(claimant, hosts)},
          .why = filled(rule.why, claimant, seen.vip),
          .fix = filled(rule.remedy, claimant, seen.vip)};
}

Check sole_owner(const OwnerEvidence& seen, const std::string& owner,
                 const std::vector<Claimant>& all, const KnownHosts& hosts) {
  Check check{.id = "owner",
              .status = Status::Pass,
              .title = to_string(seen.vip) + " is answered by " + owner + " alone",
              .host = {},
              .evidence = {asked_line(seen)},
              .why = {},
              .fix = {}};
  for (const Claimant& claimant : all)
    check.evidence.push_back(claim_line(claimant, hosts) +
                             (is_owner(claimant, owner) ? "" : ": allowed by the profile"));
  return check;
}

}  // namespace

std::string Claimant::name() const { return who ? who->host : to_string(mac); }

std::vector<Claimant> claimants(const OwnerEvidence& seen, const KnownHosts& hosts) {
  std::vector<Claimant> all;
  for (const Claim& claim : seen.claims) {
    auto at = std::find_if(all.begin(), all.end(),
                           [&claim](const Claimant& c) { return c.mac == claim.mac; });
    if (at == all.end()) at = all.insert(all.end(), make_claimant(claim.mac, seen, hosts));
    count_claim(*at, claim.kind);
  }
  return all;
}

std::vector<Check> judge_owner(const OwnerEvidence& seen, const KnownHosts& hosts) {
  const std::vector<Claimant> all = claimants(seen, hosts);
  const std::string owner = find_owner(all, seen);
  std::vector<Check> checks;
  bool answered = false;
  for (const Claimant& claimant : all) {
    answered = answered || claimant.replies() > 0;
    if (is_allowed(claimant, seen) || (!owner.empty() && is_owner(claimant, owner))) continue;
    checks.push_back(wrong_claim(claimant, seen, hosts));
  }
  if (!answered) checks.push_back(nobody_answers(seen));
  if (answered && owner.empty()) checks.push_back(director_silent(seen));
  if (checks.empty()) checks.push_back(sole_owner(seen, owner, all, hosts));
  return checks;
}

}  // namespace lvs::verify
