#pragma once

#include <optional>
#include <vector>

#include "profiles/core/profile.h"
#include "profiles/core/read/errors.h"
#include "profiles/core/read/value.h"

// The sections of a profile, one reader each, all tables of keys (table.h). They judge what one
// table says by itself; what must hold between tables is in rules.h.

namespace lvs::profiles::reading {

/// What the readers fill: the profile, and what it is resolved from.
struct Draft {
  Profile profile;
  std::vector<Check> checks;  ///< every `[check.NAME]`
};

/// `[[service]]`: one entry for each, also for one that was not understood, so that the n-th entry
/// is the n-th table.
void read_services(const Value& value, std::vector<ServiceEntry>& into, Errors& errors);
/// `[[mark]]`.
void read_marks(const Value& value, std::vector<MarkEntry>& into, Errors& errors);
/// `[check.NAME]`.
void read_checks(const Value& value, std::vector<Check>& into, Errors& errors);
/// `[host.NAME]`: one host for each, as with services.
void read_hosts(const Value& value, std::vector<Host>& into, Errors& errors);
void read_vrrp(const Value& value, std::optional<Vrrp>& into, Errors& errors);
void read_engine(const Value& value, Engine& into, Errors& errors);
void read_control(const Value& value, Control& into, Errors& errors);
void read_metrics(const Value& value, Metrics& into, Errors& errors);
void read_lab(const Value& value, LabSettings& into, Errors& errors);

/// One item of `servers`, or a sorry server: text or a table. Nothing when it is neither.
std::optional<ServerEntry> read_server(const Value& value, Errors& errors);
/// A check's table; `name` is empty for one written inside a service.
Check read_check(const Value& value, std::string_view name, Errors& errors);

void read_method(const Value& value, Method& into, Errors& errors);
std::optional<Protocol> read_protocol(const Value& value, Errors& errors);

}  // namespace lvs::profiles::reading
