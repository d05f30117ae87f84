#pragma once

#include <functional>

#include "net/cli/command.h"

namespace lvs::verify {

/// `owner`: who answers ARP for each VIP.
std::function<ExitStatus(cli::Streams)> prepare_owner(CLI::App& parser);
/// `rotation`: which server has each connection.
std::function<ExitStatus(cli::Streams)> prepare_rotation(CLI::App& parser);
/// `arp-state`: how this real server would answer ARP, for `owner --host-state`.
std::function<ExitStatus(cli::Streams)> prepare_arp_state(CLI::App& parser);
/// `echo`: the lab's UDP server.
std::function<ExitStatus(cli::Streams)> prepare_echo(CLI::App& parser);
std::function<ExitStatus(cli::Streams)> prepare_greet(CLI::App& parser);
/// `lab`: up, test, shell, exec, inject, down, list.
std::function<ExitStatus(cli::Streams)> prepare_lab(CLI::App& parser);

}  // namespace lvs::verify
