#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "net/base/time.h"
#include "net/wire/transport.h"

// IPVS's TCP state machine (facts of IPVS, 2.5 and 2.6): event -> state -> timeout. It watches, it
// does not judge: no sequence numbers are checked. While secure_tcp is in force, a connection that
// was only asked for does not get as far as one that was answered. Freestanding.

namespace lvs::director {

enum class TcpState : std::uint8_t {
  None,
  Established,
  SynSent,
  SynRecv,
  FinWait,
  TimeWait,
  Close,
  CloseWait,
  LastAck,
  Listen,
  SynAck,
};
inline constexpr std::size_t kTcpStates = 11;

enum class TcpEvent : std::uint8_t { Syn, Fin, Ack, Rst, Other };

/// Which way the packet goes, and whether the other way is seen at all.
enum class TcpDirection : std::uint8_t {
  Input,      ///< from the client, the server's answers pass here too (NAT)
  Output,     ///< from the server
  InputOnly,  ///< from the client, the server answers past us (DR, TUN)
};

/// RST, else SYN, else FIN, else ACK.
constexpr TcpEvent tcp_event(std::uint8_t flags) {
  if ((flags & wire::tcp_flag::kRst) != 0) return TcpEvent::Rst;
  if ((flags & wire::tcp_flag::kSyn) != 0) return TcpEvent::Syn;
  if ((flags & wire::tcp_flag::kFin) != 0) return TcpEvent::Fin;
  if ((flags & wire::tcp_flag::kAck) != 0) return TcpEvent::Ack;
  return TcpEvent::Other;
}

namespace detail {
// Short names so that the tables below can be read as tables.
inline constexpr TcpState kNO = TcpState::None, kES = TcpState::Established,
                          kSS = TcpState::SynSent, kSR = TcpState::SynRecv, kFW = TcpState::FinWait,
                          kTW = TcpState::TimeWait, kCL = TcpState::Close,
                          kCW = TcpState::CloseWait, kLA = TcpState::LastAck,
                          kLI = TcpState::Listen, kSA = TcpState::SynAck;

using TcpRow = std::array<TcpState, kTcpStates>;
using TcpTable = std::array<TcpRow, 4>;  // by event: Syn, Fin, Ack, Rst

// clang-format off
inline constexpr std::array<TcpTable, 3> kTcpTables{{
  {{  // Input
    //  NO   ES   SS   SR   FW   TW   CL   CW   LA   LI   SA
    {{kSR, kES, kES, kSR, kSR, kSR, kSR, kSR, kSR, kSR, kSR}},  // syn
    {{kCL, kCW, kSS, kTW, kTW, kTW, kCL, kCW, kLA, kLI, kTW}},  // fin
    {{kES, kES, kSS, kES, kFW, kTW, kCL, kCW, kCL, kLI, kES}},  // ack
    {{kCL, kCL, kCL, kSR, kCL, kCL, kCL, kCL, kLA, kLI, kSR}},  // rst
  }},
  {{  // Output
    {{kSS, kES, kSS, kSR, kSS, kSS, kSS, kSS, kSS, kLI, kSR}},  // syn
    {{kTW, kFW, kSS, kTW, kFW, kTW, kCL, kTW, kLA, kLI, kTW}},  // fin
    {{kES, kES, kSS, kES, kFW, kTW, kCL, kCW, kLA, kES, kES}},  // ack
    {{kCL, kCL, kSS, kCL, kCL, kTW, kCL, kCL, kCL, kCL, kCL}},  // rst
  }},
  {{  // InputOnly
    {{kSR, kES, kES, kSR, kSR, kSR, kSR, kSR, kSR, kSR, kSR}},  // syn
    {{kCL, kFW, kSS, kTW, kFW, kTW, kCL, kCW, kLA, kLI, kTW}},  // fin
    {{kES, kES, kSS, kES, kFW, kTW, kCL, kCW, kCL, kLI, kES}},  // ack
    {{kCL, kCL, kCL, kSR, kCL, kCL, kCL, kCL, kLA, kLI, kCL}},  // rst
  }},
}};
// clang-format on

/// What secure_tcp makes different ("DoS" tables).
struct TcpException {
  TcpDirection direction;
  TcpEvent event;
  TcpState from;
  TcpState next;
};
inline constexpr auto kSecureTcp = std::to_array<TcpException>({
    {TcpDirection::Input, TcpEvent::Syn, kSA, kSA},
    {TcpDirection::Input, TcpEvent::Fin, kSA, kSA},
    {TcpDirection::Input, TcpEvent::Ack, kSR, kSR},
    {TcpDirection::Input, TcpEvent::Ack, kSA, kSA},
    {TcpDirection::Input, TcpEvent::Rst, kSA, kCL},
    {TcpDirection::Output, TcpEvent::Syn, kSR, kSA},
    {TcpDirection::Output, TcpEvent::Syn, kSA, kSA},
    {TcpDirection::InputOnly, TcpEvent::Syn, kNO, kSA},
    {TcpDirection::InputOnly, TcpEvent::Syn, kFW, kSA},
    {TcpDirection::InputOnly, TcpEvent::Syn, kTW, kSA},
    {TcpDirection::InputOnly, TcpEvent::Syn, kCL, kSA},
    {TcpDirection::InputOnly, TcpEvent::Syn, kCW, kSA},
    {TcpDirection::InputOnly, TcpEvent::Syn, kLA, kSA},
    {TcpDirection::InputOnly, TcpEvent::Syn, kLI, kSA},
    {TcpDirection::InputOnly, TcpEvent::Syn, kSA, kSA},
});
constexpr std::array<TcpTable, 3> make_secure_tables() {
  std::array<TcpTable, 3> tables = kTcpTables;
  for (const TcpException& rule : kSecureTcp)
    tables[static_cast<std::size_t>(rule.direction)][static_cast<std::size_t>(rule.event)]
          [static_cast<std::size_t>(rule.from)] = rule.next;
  return tables;
}
inline constexpr std::array<TcpTable, 3> kSecureTcpTables = make_secure_tables();

struct TcpStateFacts {
  std::uint16_t timeout_s;
  bool active;
};
// In the order of TcpState.
inline constexpr std::array<TcpStateFacts, kTcpStates> kTcpStateFacts{{
    {2, false},
    {900, true},
    {120, true},
    {60, true},
    {120, false},
    {120, false},
    {10, false},
    {60, false},
    {30, false},
    {120, false},
    {120, true},
}};
}  // namespace detail

/// A packet with none of the four flags closes.
constexpr TcpState next_tcp_state(TcpDirection direction, TcpState state, TcpEvent event,
                                  bool secure_tcp = false) {
  if (event == TcpEvent::Other) return TcpState::Close;
  const auto& tables = secure_tcp ? detail::kSecureTcpTables : detail::kTcpTables;
  return tables[static_cast<std::size_t>(direction)][static_cast<std::size_t>(event)]
               [static_cast<std::size_t>(state)];
}

/// True for the states that count in a server's `active`.
constexpr bool is_active(TcpState state) {
  return detail::kTcpStateFacts[static_cast<std::size_t>(state)].active;
}

/// IPVS's default; a service's own values replace those of Established and FinWait.
constexpr Ticks tcp_timeout(TcpState state) {
  return seconds_to_ticks(detail::kTcpStateFacts[static_cast<std::size_t>(state)].timeout_s);
}

/// The only state of a UDP conversation; it never counts as active.
inline constexpr std::uint8_t kUdpState = 0;

/// How long a new connection may wait for its first state.
inline constexpr Ticks kUntilFirstState = seconds_to_ticks(3);

}  // namespace lvs::director
