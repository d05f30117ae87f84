// Which packets belong to a service: to its VIP and port, as a rule; but a service may be of every
// port, FTP has its data's ports too, and a mark says itself what carries it. Nat servers' answers
// are the same seen from the other side.

#include "profiles/core/desired/withheld.h"

#include <algorithm>
#include <array>
#include <optional>

#include "net/wire/addr_text.h"
#include "profiles/core/derive.h"
#include "profiles/core/desired/director.h"

namespace lvs::profiles {
namespace {

/// FTP's control port says which other ports are its data's: 20, from which servers open them in
/// active mode, and those that passive mode may name (facts of IPVS: TCP alone has them).
constexpr Port kFtp{21};
constexpr Port kFtpData{20};
constexpr PortRange kPassiveData{Port{1024}, Port{65535}};
constexpr PortRange kEveryPort{Port{0}, Port{65535}};
constexpr std::array kWithPorts{Protocol::Tcp, Protocol::Udp, Protocol::Sctp};

bool is_ftp(const Service& service) {
  return service.mark == 0 && service.protocol == Protocol::Tcp && service.port == kFtp;
}

/// True when packets of FTP's data come by the director: a persistent service sends them to the
/// client's server whatever its method, and by nat they are announced in the control connection.
bool has_ftp_data(const Profile& profile, const Service& service, const Host& host) {
  return is_ftp(service) &&
         (service.entry->persistence || !nat_servers(profile, service, host).empty());
}

WithheldRange range_to(const IpAddr& vip, Protocol protocol, PortRange ports) {
  WithheldRange range;
  range.family = vip.family();
  range.protocol = protocol;
  range.addr = vip;
  range.first = ports.first;
  range.last = ports.last;
  return range;
}

/// What a nat server sends from these ports.
WithheldRange range_from(const IpAddr& server, Protocol protocol, PortRange ports) {
  WithheldRange range;
  range.family = server.family();
  range.protocol = protocol;
  range.source = Prefix{server, server.bits()};
  range.is_reply = true;
  range.first = ports.first;
  range.last = ports.last;
  return range;
}

/// The protocols and ports that a mark is for.
struct Span {
  Protocol protocol = Protocol::Tcp;
  PortRange ports{};
};
std::vector<Span> spans_of(const MarkEntry& mark) {
  const std::vector<PortRange> ports = mark.ports.empty() ? std::vector{kEveryPort} : mark.ports;
  std::vector<Span> spans;
  for (const Protocol protocol : kWithPorts)
    for (const PortRange& range : ports)
      if (!mark.protocol || *mark.protocol == protocol) spans.push_back({protocol, range});
  return spans;
}

class Collector {
 public:
  Collector(const Profile& profile, const Host& host) : profile_(profile), host_(host) {}

  void take(const Service& service) {
    if (service.mark != 0) return take_mark(service);
    const bool is_every = service.port.number == 0;
    if (is_every)
      all_.ranges.insert(range_to(service.vip, service.protocol, kEveryPort));
    else
      all_.services.insert({service.protocol, service.vip, service.port});
    for (const Server& server : nat_servers(profile_, service, host_))
      take_reply(server, {service.protocol, is_every ? kEveryPort : PortRange{}});
    if (has_ftp_data(profile_, service, host_)) take_ftp_data(service);
  }
  Withheld all() { return std::move(all_); }

 private:
  /// A server without a port of its own answers from the ports that it was asked at.
  void take_reply(const Server& server, const Span& asked) {
    if (server.port.number != 0)
      all_.replies.insert({asked.protocol, server.address, server.port});
    else
      all_.ranges.insert(range_from(server.address, asked.protocol, asked.ports));
  }

  /// A nat server's data connections begin at port 20, or at any that it has named.
  void take_ftp_data(const Service& service) {
    all_.services.insert({service.protocol, service.vip, kFtpData});
    all_.ranges.insert(range_to(service.vip, service.protocol, kPassiveData));
    for (const Server& server : nat_servers(profile_, service, host_))
      all_.ranges.insert(range_from(server.address, service.protocol, kEveryPort));
  }

  void take_mark(const Service& service) {
    for (const MarkEntry* mark : marks_of(profile_, service)) {
      for (const Span& span : spans_of(*mark)) {
        take_marked(*mark, service.family(), span);
        for (const Server& server : nat_servers(profile_, service, host_)) take_reply(server, span);
      }
      // A VIP has its fragments withheld as every VIP has.
      if (!mark->vip) take_marked(*mark, service.family(), std::nullopt);
    }
  }

  /// Without a span: fragments.
  void take_marked(const MarkEntry& mark, Family family, const std::optional<Span>& span) {
    WithheldRange range;
    range.link = mark.interface;
    range.family = family;
    range.addr = mark.vip;
    if (mark.source) range.source = mark.source->network();
    if (span) {
      range.protocol = span->protocol;
      range.first = span->ports.first;
      range.last = span->ports.last;
    }
    all_.ranges.insert(range);
  }

  const Profile& profile_;
  const Host& host_;
  Withheld all_;
};

/// An own address all of whose packets of some protocol this service takes.
std::optional<IpAddr> own_address_taken(const Profile& profile, const Service& service,
                                        const Host& host) {
  if (service.mark == 0) {
    const bool is_all = service.port.number == 0 && host.owns(service.vip);
    return is_all ? std::optional{service.vip} : std::nullopt;
  }
  for (const MarkEntry* mark : marks_of(profile, service))
    for (const Span& span : spans_of(*mark)) {
      const bool is_all = span.ports.first.number <= 1 && span.ports.last.number == 65535;
      if (mark->vip && host.owns(*mark->vip) && is_all) return mark->vip;
    }
  return std::nullopt;
}

}  // namespace

Withheld withheld_by(const Profile& profile, const Host& host) {
  Collector collector(profile, host);
  for (const Service& service : services_to_forward(profile)) collector.take(service);
  return collector.all();
}

std::vector<std::string> cuts_host_off(const Profile& profile, const Host& host) {
  std::vector<std::string> sentences;
  for (const Service& service : services_to_forward(profile))
    if (const auto own = own_address_taken(profile, service, host))
      sentences.push_back("service " + service.name + " takes every port of " + to_string(*own) +
                          ", which is this host's own address: nobody could reach the host there "
                          "any more, by ssh neither; give the service a VIP of its own");
  return sentences;
}

std::vector<std::string> notes_on_withheld(const Profile& profile, const Host& host) {
  std::vector<std::string> notes;
  for (const Service& service : services_to_forward(profile)) {
    if (service.mark != 0 && marks_of(profile, service).empty())
      notes.push_back("service " + service.name +
                      " gets no packets: no [[mark]] entry says what carries mark " +
                      std::to_string(service.mark));
    // What the host opens from there looks like passive data, and is given back by whoever runs.
    if (host.owns(service.vip) && has_ftp_data(profile, service, host))
      notes.push_back("service " + service.name + " takes TCP ports 1024 to 65535 of " +
                      to_string(service.vip) +
                      ", which is this host's own address: answers to connections that this host "
                      "opens from there pass the director, and are lost while none runs");
  }
  return notes;
}

}  // namespace lvs::profiles
