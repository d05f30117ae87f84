#pragma once

#include "net/base/result.h"
#include "net/json/json.h"
#include "verify/core/report.h"

namespace lvs::verify {

/// The document of `--json`: schema, program, command, profile, result, checks and their counts.
Json to_json(const Report& report);

/// Reads such a document back (`lab test` collects those of the programs that it runs). The error
/// names the member that is wrong; a higher schema number is refused, naming both.
Result<Report> report_from_json(const Json& document);

/// The document for a command that could not judge: `error` tells why.
Json failure_to_json(const std::string& command, const std::string& error);

}  // namespace lvs::verify
