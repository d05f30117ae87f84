#pragma once

#include <string>
#include <variant>
#include <vector>

#include "director/simulate/scenario.h"
#include "director/simulate/simulator.h"
#include "net/base/result.h"
#include "net/json/json.h"

// Records as text: the only part of the simulation that knows JSON.

namespace lvs::director::simulate {

/// Many clients of which only the server is asked for.
struct Clients {
  std::vector<std::string> commands;
  std::vector<ChosenServer> servers;
  std::vector<Packets> packets;
};
using Record = std::variant<Scenario, Clients>;

/// Results that a record may hold are not looked at. The error names the member.
Result<Record> read_record(const Json& record);

/// The record's line without its id.
Result<Json> answer(const Record& record, const ipvsadm::Names& names);

}  // namespace lvs::director::simulate
