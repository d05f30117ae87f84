#include "director/core/ftp/helper.h"

#include <cassert>
#include <optional>

#include "director/core/ftp/answer.h"
#include "director/core/ftp/data.h"
#include "director/core/ftp/segment.h"
#include "director/core/ftp/text.h"
#include "director/core/lookup.h"
#include "director/core/new_connection.h"

namespace lvs::director {
namespace {

/// Where the payload begins; a SYN takes a number of its own.
template <typename Addr>
std::uint32_t first_number(const Packet<Addr>& packet) {
  return packet.transport.sequence() + (packet.transport.has_flag(wire::tcp_flag::kSyn) ? 1 : 0);
}

/// A broken segment says nothing, and repairing its payload's checksum would hide what it is.
/// The checksum of a fragment covers bytes that are not here: nothing in it is read.
template <typename Addr>
bool is_broken(const Packet<Addr>& packet) {
  return !packet.ip.is_fragment() && !has_right_checksum(packet);
}

template <typename Addr>
void read_commands(const FtpControl<Addr>& control, const Packet<Addr>& packet) {
  FtpCounters& counters = control.tables.ftp.counters;
  FtpReader& commands = control.session.commands;
  while (const auto line = commands.next(first_number(packet), text_of(packet))) {
    const auto said = line->is_over ? parse_ftp_command(line->text) : std::nullopt;
    if (!said) continue;
    forget_expected(control);
    if (said->address != IpAddr{control.connection.client}) {
      ++counters.foreign;
    } else {
      ++(expect_server(control, said->port) ? counters.data_expected : counters.data_refused);
    }
  }
}

/// What follow_client() does, for a connection that lookup() or decide() found.
template <typename Addr>
Found<Addr> send_to_server(LiveTables& tables, Connection<Addr>& connection,
                           const Packet<Addr>& packet, Frame& frame, Tick now) {
  const Service* const service = tables.services.service(tables.server(connection.server)->service);
  const bool is_first = packet.ip.is_fragment();
  Found<Addr> found{follow_client(tables, connection,
                                  service == nullptr ? detail::kRemovedService : service->record,
                                  packet, frame, now),
                    &connection};
  if (is_first) found.passage = passage_to_server(connection);
  return found;
}

template <typename Addr>
Found<Addr> help_client(const FtpControl<Addr>& control, const Packet<Addr>& packet, Frame& frame) {
  const Passage<Addr> passage = passage_to_server(control.connection);
  if (must_wait(control.tables, passage)) return {wait_step(passage.next_hop), &control.connection};
  if (is_broken(packet)) return {detail::drop(DropReason::BadChecksum), &control.connection};

  if (packet.transport.has_flag(wire::tcp_flag::kSyn)) {
    hide_sack_permitted(packet);
    control.session.commands.begin(first_number(packet));
  }
  if (!packet.ip.is_fragment()) read_commands(control, packet);
  const std::uint32_t acknowledged = packet.transport.acknowledgement();
  const std::uint32_t of_server = control.session.stream.to_server(acknowledged);
  if (packet.transport.has_flag(wire::tcp_flag::kAck) && of_server != acknowledged)
    set_acknowledgement(packet, of_server);
  return send_to_server(control.tables, control.connection, packet, frame, control.now);
}

template <typename Addr>
Found<Addr> help_server(const FtpControl<Addr>& control, const Packet<Addr>& packet, Frame& frame) {
  Connection<Addr>& connection = control.connection;
  const Step way = find_way_back(control.tables, connection, control.now);
  if (way.next != Next::Forward) return {way, &connection};
  if (is_broken(packet)) return {detail::drop(DropReason::BadChecksum), &connection};

  FtpSession& session = control.session;
  const std::uint32_t first = first_number(packet);
  if (packet.transport.has_flag(wire::tcp_flag::kSyn)) {
    hide_sack_permitted(packet);
    if (session.stream.begin(first)) session.answers.begin(first);
  }
  if (const auto refusal = translate_answer(control, packet, frame, first, way.next_hop))
    return {*refusal, &connection};

  const bool is_first = packet.ip.is_fragment();
  const Packet<Addr> translated = reread<Addr>(frame);
  Found<Addr> found{follow_server(control.tables, connection, translated, frame, control.now),
                    &connection};
  if (is_first) found.passage = passage_to_client(connection, way.next_hop);
  return found;
}

/// Only a SYN tells the port: what else comes is of an older connection.
template <typename Addr>
Found<Addr> help_expected(LiveTables& tables, Connection<Addr>& expected,
                          const Packet<Addr>& packet, Frame& frame, Tick now) {
  const Found<Addr> not_of_it{{.next = Next::Schedule}};
  if (!packet.transport.has_flag(wire::tcp_flag::kSyn)) return not_of_it;
  const Passage<Addr> passage = passage_to_server(expected);
  if (must_wait(tables, passage)) return {wait_step(passage.next_hop), &expected};
  if (!take_client_port(tables, expected, packet.transport.source_port(), now)) return not_of_it;
  return send_to_server(tables, expected, packet, frame, now);
}

}  // namespace

template <typename Addr>
void begin_help(LiveTables& tables, Connection<Addr>& connection, const Packet<Addr>& packet) {
  const wire::TransportView& transport = packet.transport;
  const bool is_ftp = transport.is_tcp() && connection.method == ForwardMethod::Masq &&
                      connection.vip_port == kFtpControl;
  // Of one that is taken up in its middle (sloppy_tcp) nobody knows what was changed before.
  if (!is_ftp || !transport.has_flag(wire::tcp_flag::kSyn) ||
      transport.has_flag(wire::tcp_flag::kAck))
    return;
  const std::uint32_t position = tables.connections<Addr>().position_of(connection);
  if (tables.ftp.add(FamilyTraits<Addr>::kFamily, position) != nullptr)
    connection.flags |= connection_flag::kHelped;
}

template <typename Addr>
Found<Addr> help(LiveTables& tables, Connection<Addr>& connection, const Packet<Addr>& packet,
                 Frame& frame, Tick now) {
  if ((connection.flags & connection_flag::kNoClientPort) != 0)
    return help_expected(tables, connection, packet, frame, now);
  FtpSession* const session = tables.ftp.find(FamilyTraits<Addr>::kFamily,
                                              tables.connections<Addr>().position_of(connection));
  assert(session != nullptr);
  const FtpControl<Addr> control{tables, *session, connection, now};
  return packet.key() == connection.client_key() ? help_client(control, packet, frame)
                                                 : help_server(control, packet, frame);
}

#define LVS_INSTANTIATE(Addr)                                                    \
  template void begin_help(LiveTables&, Connection<Addr>&, const Packet<Addr>&); \
  template Found<Addr> help(LiveTables&, Connection<Addr>&, const Packet<Addr>&, Frame&, Tick);
LVS_INSTANTIATE(Ipv4Addr)
LVS_INSTANTIATE(Ipv6Addr)
#undef LVS_INSTANTIATE

}  // namespace lvs::director
