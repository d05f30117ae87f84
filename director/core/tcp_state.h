#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "net/base/time.h"
#include "net/wire/transport.h"

// IPVS's TCP state machine (facts of IPVS, 2.5 and 2.6): event -> state -> timeout. It watches, it
// does not judge: no sequence numbers are checked. Freestanding.

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
constexpr TcpState next_tcp_state(TcpDirection direction, TcpState state, TcpEvent event) {
  if (event == TcpEvent::Other) return TcpState::Close;
  return detail::kTcpTables[static_cast<std::size_t>(direction)][static_cast<std::size_t>(event)]
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
