#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "director/core/tcp_state.h"
#include "net/base/time.h"
#include "net/wire/bytes.h"
#include "net/wire/transport.h"

// IPVS's SCTP state machine (facts of IPVS, 2.5 and 2.6; the whole tables are those of kernel 6.1).
// Like TCP's it watches and does not judge. The states are those of the server's side; of the
// setting up there are two: the client's (INIT1, INIT, C-SENT, C-REPLIED) and, when the server
// calls the client, the server's (C-WAIT, COOKIE, C-ECHOED). INIT1 and REJECTED are short, for a
// first INIT that goes unanswered or is refused. Freestanding.

namespace lvs::director {

enum class SctpState : std::uint8_t {
  None,
  Init1,          ///< the client's first INIT came
  Init,           ///< another one
  CookieSent,     ///< the server's INIT ACK
  CookieReplied,  ///< the client's COOKIE ECHO
  CookieWait,     ///< the server's INIT
  Cookie,         ///< the client's INIT ACK
  CookieEchoed,   ///< the server's COOKIE ECHO
  Established,
  ShutdownSent,
  ShutdownReceived,
  ShutdownAckSent,
  Rejected,
  Closed,
};
inline constexpr std::size_t kSctpStates = 14;

/// What a packet's first chunk says.
enum class SctpEvent : std::uint8_t {
  Data,  ///< also SACK, HEARTBEAT, and every type that is not known
  Init,
  InitAck,
  CookieEcho,
  CookieAck,
  Shutdown,
  ShutdownAck,
  ShutdownComplete,
  Error,
  Abort,
  Nothing,  ///< a packet without a chunk: the state stays
};
inline constexpr std::size_t kSctpEvents = 10;

namespace detail {

inline constexpr std::size_t kChunkHeader = wire::transport_field::kSctpChunkHeader;

constexpr SctpEvent event_of_chunk(std::uint8_t type) {
  using namespace wire::sctp_chunk;
  switch (type) {
    case kInit:
      return SctpEvent::Init;
    case kInitAck:
      return SctpEvent::InitAck;
    case kCookieEcho:
      return SctpEvent::CookieEcho;
    case kCookieAck:
      return SctpEvent::CookieAck;
    case kShutdown:
      return SctpEvent::Shutdown;
    case kShutdownAck:
      return SctpEvent::ShutdownAck;
    case kShutdownComplete:
      return SctpEvent::ShutdownComplete;
    case kError:
      return SctpEvent::Error;
    case kAbort:
      return SctpEvent::Abort;
    default:
      return SctpEvent::Data;
  }
}

}  // namespace detail

/// `chunks` is what follows SCTP's common header. An ABORT that is bundled behind a COOKIE ECHO or
/// a COOKIE ACK counts instead of it.
constexpr SctpEvent sctp_event(wire::ConstBytes chunks) {
  if (chunks.size() < detail::kChunkHeader) return SctpEvent::Nothing;
  const SctpEvent first = detail::event_of_chunk(chunks[0]);
  if (first != SctpEvent::CookieEcho && first != SctpEvent::CookieAck) return first;
  const std::size_t length = wire::load_be16(chunks, 2);
  const std::size_t second = (length + 3) / 4 * 4;
  if (length < detail::kChunkHeader || second + detail::kChunkHeader > chunks.size()) return first;
  return chunks[second] == wire::sctp_chunk::kAbort ? SctpEvent::Abort : first;
}

namespace detail {

/// From these states this event leads to `next`; from all others of which no rule says anything the
/// state stays.
struct SctpRule {
  TcpDirection direction;
  SctpEvent event;
  std::uint16_t from;  ///< a bit a state
  SctpState next;
};

constexpr std::uint16_t states(std::initializer_list<SctpState> listed) {
  unsigned bits = 0;
  for (const SctpState state : listed) bits |= 1u << static_cast<unsigned>(state);
  return static_cast<std::uint16_t>(bits);
}
constexpr std::uint16_t all_but(SctpState state) {
  return static_cast<std::uint16_t>(((1u << kSctpStates) - 1) & ~unsigned{states({state})});
}

inline constexpr TcpDirection kIn = TcpDirection::Input;
inline constexpr TcpDirection kOut = TcpDirection::Output;
inline constexpr TcpDirection kOnly = TcpDirection::InputOnly;
/// The server did not call.
inline constexpr std::uint16_t kClientCalls =
    states({SctpState::None, SctpState::Init1, SctpState::Init, SctpState::CookieSent,
            SctpState::CookieReplied});
inline constexpr std::uint16_t kFirstSteps = kClientCalls | states({SctpState::CookieWait});
/// Nothing was agreed on yet, whoever called.
inline constexpr std::uint16_t kUnset =
    kFirstSteps | states({SctpState::Cookie, SctpState::CookieEchoed});

constexpr auto make_sctp_rules() {
  using enum SctpState;
  using Event = SctpEvent;
  return std::to_array<SctpRule>({
      {kIn, Event::Data, states({None}), Established},
      {kIn, Event::Init, states({None}), Init1},
      {kIn, Event::Init, states({Init1, Rejected, Closed}), Init},
      {kIn, Event::InitAck, states({None, Init1, Init}), CookieWait},
      {kIn, Event::InitAck, states({CookieWait}), Cookie},
      {kIn, Event::CookieEcho, states({None, CookieSent}), CookieReplied},
      {kIn, Event::CookieEcho, states({Init1}), Init},
      {kIn, Event::CookieAck, states({None, CookieEchoed}), Established},
      {kIn, Event::Shutdown, states({None, Established}), ShutdownReceived},
      {kIn, Event::ShutdownAck, states({None, ShutdownSent, ShutdownAckSent}), Closed},
      {kIn, Event::ShutdownAck, states({Init1}), Init},
      {kIn, Event::ShutdownComplete, states({None, Init1, Init, ShutdownAckSent}), Closed},
      {kIn, Event::Error, states({None, CookieEchoed}), Closed},
      {kIn, Event::Abort, all_but(CookieWait), Closed},
      {kIn, Event::Abort, states({CookieWait}), Rejected},

      {kOut, Event::Data, states({None}), Established},
      {kOut, Event::Init, all_but(Established), CookieWait},
      {kOut, Event::InitAck, states({None, Init1, Init}), CookieSent},
      {kOut, Event::CookieEcho, kUnset, CookieEchoed},
      {kOut, Event::CookieAck, kUnset, Established},
      {kOut, Event::Shutdown, kUnset, ShutdownSent},
      {kOut, Event::Shutdown, states({Established}), ShutdownSent},
      {kOut, Event::ShutdownAck, kClientCalls, ShutdownAckSent},
      {kOut, Event::ShutdownAck, states({ShutdownSent, ShutdownReceived}), ShutdownAckSent},
      {kOut, Event::ShutdownComplete, states({None}), Closed},
      {kOut, Event::Error, kClientCalls, Closed},
      {kOut, Event::Abort, all_but(Init1), Closed},
      {kOut, Event::Abort, states({Init1}), Rejected},

      {kOnly, Event::Data, states({None, CookieWait}), Established},
      {kOnly, Event::Init, states({None}), Init1},
      {kOnly, Event::Init, states({Init1, CookieSent, CookieReplied, CookieWait, Rejected, Closed}),
       Init},
      {kOnly, Event::InitAck, kFirstSteps, CookieEchoed},
      {kOnly, Event::CookieEcho, kFirstSteps, Established},
      {kOnly, Event::CookieAck, states({None, CookieSent, CookieReplied, Cookie, CookieEchoed}),
       Established},
      {kOnly, Event::Shutdown, states({None, Established}), ShutdownReceived},
      {kOnly, Event::ShutdownAck, states({None, Established, ShutdownSent, ShutdownAckSent}),
       Closed},
      {kOnly, Event::ShutdownAck, states({Init1}), Init},
      {kOnly, Event::ShutdownComplete, kClientCalls, Closed},
      {kOnly, Event::ShutdownComplete, states({ShutdownReceived, ShutdownAckSent}), Closed},
      {kOnly, Event::Error, states({None}), Closed},
      {kOnly, Event::Abort, all_but(CookieWait), Closed},
      {kOnly, Event::Abort, states({CookieWait}), Rejected},
  });
}

using SctpTable = std::array<std::array<std::array<SctpState, kSctpStates>, kSctpEvents>, 3>;

constexpr SctpTable make_sctp_table() {
  SctpTable table{};
  for (auto& events : table)
    for (auto& row : events)
      for (std::size_t state = 0; state < kSctpStates; ++state)
        row[state] = static_cast<SctpState>(state);
  for (const SctpRule& rule : make_sctp_rules())
    for (std::size_t state = 0; state < kSctpStates; ++state)
      if ((rule.from >> state & 1u) != 0)
        table[static_cast<std::size_t>(rule.direction)][static_cast<std::size_t>(rule.event)]
             [state] = rule.next;
  return table;
}
inline constexpr SctpTable kSctpTable = make_sctp_table();

}  // namespace detail

constexpr SctpState next_sctp_state(TcpDirection direction, SctpState state, SctpEvent event) {
  if (event == SctpEvent::Nothing) return state;
  return detail::kSctpTable[static_cast<std::size_t>(direction)][static_cast<std::size_t>(event)]
                           [static_cast<std::size_t>(state)];
}

/// True for the one state that counts in a server's `active`.
constexpr bool is_active(SctpState state) { return state == SctpState::Established; }

constexpr Ticks sctp_timeout(SctpState state) {
  switch (state) {
    case SctpState::None:
      return seconds_to_ticks(2);
    case SctpState::Init1:
    case SctpState::Rejected:
      return seconds_to_ticks(4);
    case SctpState::Established:
      return seconds_to_ticks(900);
    default:
      return seconds_to_ticks(61);  // the greatest time of a retransmission, and one more
  }
}

}  // namespace lvs::director
