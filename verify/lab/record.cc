#include "verify/lab/record.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include "net/linux/process.h"

namespace lvs::verify {
namespace {

constexpr std::int64_t kSchema = 1;
constexpr std::string_view kFile = "lab.json";

Json to_json(const RecordedProcess& process) {
  return Json::object({{"what", process.what},
                       {"pid", std::int64_t{process.pid}},
                       {"start_time", process.start_time}});
}

Result<RecordedProcess> process_from_json(const Json& json) {
  RecordedProcess process;
  LVS_TRY(process.what, json.text_at("what"));
  LVS_TRY(const std::int64_t pid, json.int_at("pid"));
  LVS_TRY(const std::int64_t start, json.int_at("start_time"));
  process.pid = static_cast<pid_t>(pid);
  process.start_time = static_cast<std::uint64_t>(start);
  return process;
}

// Cookies and inodes go as text: JSON numbers of other readers lose bits above 2^53.
Json to_json(const RecordedHost& host) {
  return Json::object({{"name", host.name},
                       {"holder_fd", host.holder_fd},
                       {"inode", std::to_string(host.id.inode)},
                       {"cookie", std::to_string(host.id.cookie)}});
}

Result<std::uint64_t> number_at(const Json& json, std::string_view key) {
  LVS_TRY(const std::string text, json.text_at(key));
  std::uint64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return fail(std::string{key} + ": expected a number");
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

Result<RecordedHost> host_from_json(const Json& json) {
  RecordedHost host;
  LVS_TRY(host.name, json.text_at("name"));
  LVS_TRY(const std::int64_t fd, json.int_at("holder_fd"));
  LVS_TRY(host.id.inode, number_at(json, "inode"));
  LVS_TRY(host.id.cookie, number_at(json, "cookie"));
  host.holder_fd = static_cast<int>(fd);
  return host;
}

Result<const Json::Array*> list_at(const Json& json, std::string_view key) {
  const Json* member = json.find(key);
  if (member == nullptr || member->as_array() == nullptr)
    return fail(std::string{key} + ": expected a list");
  return member->as_array();
}

/// Dead, but not yet waited for by its parent: it has a start time still, and nothing else.
bool is_zombie(pid_t pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const std::size_t name_end = text.rfind(") ");
  return name_end != std::string::npos && text.substr(name_end + 2).starts_with('Z');
}

}  // namespace

const RecordedHost* LabRecord::host(std::string_view wanted) const {
  const auto at = std::find_if(hosts.begin(), hosts.end(),
                               [wanted](const RecordedHost& host) { return host.name == wanted; });
  return at == hosts.end() ? nullptr : &*at;
}

std::string LabRecord::host_names() const {
  std::string text;
  for (const RecordedHost& host : hosts)
    if (!host.name.empty()) text += (text.empty() ? "" : ", ") + host.name;
  return text;
}

Json to_json(const LabRecord& record) {
  Json hosts = Json::array();
  for (const RecordedHost& host : record.hosts) hosts.push(to_json(host));
  Json programs = Json::array();
  for (const RecordedProcess& program : record.programs) programs.push(to_json(program));
  return Json::object({{"schema", kSchema},
                       {"name", record.name},
                       {"profile", record.profile},
                       {"boot_id", record.boot_id},
                       {"user_namespace", record.user_namespace},
                       {"holder", to_json(record.holder)},
                       {"hosts", std::move(hosts)},
                       {"programs", std::move(programs)}});
}

Result<LabRecord> record_from_json(const Json& document) {
  LabRecord record;
  LVS_TRY(const std::int64_t schema, document.int_at("schema"));
  if (schema > kSchema)
    return fail("schema " + std::to_string(schema) + " is newer than ours, " +
                std::to_string(kSchema));
  LVS_TRY(record.name, document.text_at("name"));
  LVS_TRY(record.profile, document.text_at("profile"));
  LVS_TRY(record.boot_id, document.text_at("boot_id"));
  LVS_TRY(record.user_namespace, document.bool_at("user_namespace"));
  const Json* holder = document.find("holder");
  if (holder == nullptr) return fail("holder: missing");
  LVS_TRY(record.holder, process_from_json(*holder));
  LVS_TRY(const Json::Array* hosts, list_at(document, "hosts"));
  for (const Json& json : *hosts) {
    LVS_TRY(RecordedHost host, host_from_json(json));
    record.hosts.push_back(std::move(host));
  }
  LVS_TRY(const Json::Array* programs, list_at(document, "programs"));
  for (const Json& json : *programs) {
    LVS_TRY(RecordedProcess program, process_from_json(json));
    record.programs.push_back(std::move(program));
  }
  return record;
}

Result<void> save_record(const std::filesystem::path& folder, const LabRecord& record) {
  const std::filesystem::path target = folder / kFile;
  const std::filesystem::path fresh = folder / (std::string{kFile} + ".new");
  std::ofstream file{fresh, std::ios::trunc};
  file << to_pretty_text(to_json(record));
  file.close();
  if (!file) return fail("write " + fresh.string(), errno);
  std::error_code error;
  std::filesystem::rename(fresh, target, error);
  if (error) return fail("write " + target.string() + ": " + error.message(), error.value());
  return {};
}

Result<std::optional<LabRecord>> load_record(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kFile;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::optional<LabRecord>{};
  std::ifstream file{path};
  if (!file) return fail("read " + path.string(), errno);
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  auto json = parse_json(text);
  if (!json) return fail_within(path.string(), std::move(json).error());
  auto record = record_from_json(*json);
  if (!record) return fail_within(path.string(), std::move(record).error());
  return std::optional{*std::move(record)};
}

bool is_running(const RecordedProcess& process) {
  if (process.pid <= 0 || is_zombie(process.pid)) return false;
  return linux_net::process_start_time(process.pid) == process.start_time;
}

}  // namespace lvs::verify
