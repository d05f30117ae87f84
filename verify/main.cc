#include <array>

#include "net/cli/command.h"
#include "verify/commands.h"

namespace {

using lvs::cli::Command;

constexpr lvs::cli::ProgramInfo kProgram{
    "lvs-verify", "prove a Linux Virtual Server's path, and name the host that is wrong", "0.1.0"};

const std::array kCommands{
    Command{"owner", "ask who has each VIP and judge all answers", lvs::verify::prepare_owner},
    Command{"rotation", "open connections and judge which server had each",
            lvs::verify::prepare_rotation},
    Command{"lab", "build and test a cluster in network namespaces", lvs::verify::prepare_lab},
    Command{"arp-state", "print how this real server would answer ARP",
            lvs::verify::prepare_arp_state},
    Command{"echo", "answer datagrams with a name (a helper of the lab)",
            lvs::verify::prepare_echo},
    Command{"greet", "greet connections with a name (a helper of the lab)",
            lvs::verify::prepare_greet},
};

}  // namespace

int main(int argc, char** argv) { return lvs::cli::run_main(kProgram, kCommands, argc, argv); }
