#include "profiles/core/persistence.h"

#include <algorithm>

#include "net/base/overload.h"
#include "net/base/sysctl_name.h"

namespace lvs::profiles {
namespace {

std::string role_word(Role role) { return role == Role::Director ? "director" : "realserver"; }

/// systemd.service(5): quotes and backslashes are escaped, `%` and `$` are written twice.
std::string quoted(const std::string& word) {
  std::string text = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') text += '\\';
    if (c == '%' || c == '$') text += c;
    text += c;
  }
  return text + "\"";
}

/// A path in RequiresMountsFor=: specifiers, but no variables.
std::string path_list(const std::vector<std::string>& paths) {
  std::string text;
  for (const std::string& path : paths) {
    if (!text.empty()) text += ' ';
    text += '"';
    for (const char c : path) {
      if (c == '"' || c == '\\') text += '\\';
      if (c == '%') text += c;
      text += c;
    }
    text += '"';
  }
  return text;
}

std::string header_of(const BootSetup& boot) {
  return "# Made by " + boot.program + " for profile " + boot.profile + ", host " + boot.host +
         ".\n# `" + boot.program + " revert " + boot.profile +
         "` removes it, as long as nobody has changed it.\n";
}

template <typename T>
const FileFact* file_of(const Step& step) {
  const auto* found = std::get_if<T>(&step);
  return found == nullptr ? nullptr : &found->object;
}

/// The file of ours at this path, or null.
const FileFact* own_file(const std::vector<JournalEntry>& ours, const std::string& path) {
  for (const JournalEntry& entry : ours) {
    const FileFact* file = file_of<Add<FileFact>>(entry.step);
    if (file != nullptr && file->path == path) return file;
  }
  return nullptr;
}

template <typename T>
bool outlives_boot(const T& /*step*/) {
  return false;
}
bool outlives_boot(const SetSysctl& /*step*/) { return true; }
template <template <typename> typename Change, typename Object>
bool outlives_boot(const Change<Object>& /*step*/) {
  return std::is_same_v<Object, FileFact> || std::is_same_v<Object, Forward6Fact>;
}

bool survives(const Step& step) {
  return std::visit([](const auto& s) { return outlives_boot(s); }, step);
}

std::map<std::string, std::string> wished_sysctls(const Desired& desired) {
  std::map<std::string, std::string> values;
  for (const Wish& wish : desired.wishes) {
    if (const auto* sysctl = std::get_if<SysctlWish>(&wish)) values[sysctl->key] = sysctl->value;
    if (const auto* lower = std::get_if<LowerWish>(&wish)) {
      values[conf_key("all", lower->setting)] = "0";
      values[conf_key(lower->link, lower->setting)] = "0";
    }
    if (std::holds_alternative<Forward6Wish>(wish)) values["net/ipv6/conf/all/forwarding"] = "1";
  }
  return values;
}

}  // namespace

std::string unit_path(const BootSetup& boot) {
  return boot.places.unit_folder() + "/lvskit-" + role_word(boot.role) + "@" + boot.profile +
         ".service";
}

FileFact unit_file(const BootSetup& boot) {
  // After whatever may write sysctls, routes or rules at boot. No ExecStop: stopping the unit is
  // not what takes a server out of service.
  const std::string text =
      header_of(boot) + "[Unit]\nDescription=lvskit: host " + boot.host + " of profile " +
      boot.profile + "\nDocumentation=file:" + boot.profile_path +
      "\nWants=network-online.target\n"
      "After=network-online.target systemd-sysctl.service systemd-networkd.service "
      "NetworkManager.service nftables.service netfilter-persistent.service ufw.service "
      "firewalld.service docker.service\nRequiresMountsFor=" +
      path_list({boot.program_path, boot.profile_path, boot.places.journals()}) +
      "\nStartLimitIntervalSec=0\n\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=" +
      quoted(boot.program_path) + " apply --persistent --host " + quoted(boot.host) + " " +
      quoted(boot.profile_path) +
      "\nTimeoutStartSec=120\n"
      "# An interface or its address may come late; a wrong profile stays wrong.\n"
      "Restart=on-failure\nRestartSec=5\nRestartPreventExitStatus=64 65 69 70 77\n\n"
      "[Install]\nWantedBy=multi-user.target\n";
  return {unit_path(boot), text, false};
}

FileFact enabling_link(const BootSetup& boot) {
  const std::string unit = unit_path(boot);
  const std::string name = unit.substr(unit.rfind('/') + 1);
  // Relative to the root that the system boots with.
  return {boot.places.enabled_folder() + "/" + name, unit.substr(boot.places.root.size()), true};
}

FileFact sysctl_file(const BootSetup& boot, const std::map<std::string, std::string>& values) {
  std::string text = header_of(boot);
  for (const auto& [key, value] : values) text += dotted(key) + " = " + value + "\n";
  return {boot.places.sysctl_file(boot.profile), text, false};
}

std::vector<std::string> boot_files(const BootSetup& boot) {
  return {boot.places.sysctl_file(boot.profile), unit_path(boot), enabling_link(boot).path};
}

std::map<std::string, std::string> boot_sysctls(const Desired& desired, const Plan& plan,
                                                const std::vector<JournalEntry>& ours) {
  std::map<std::string, std::string> values = wished_sysctls(desired);
  const auto dropped = [&](std::uint64_t number) {
    return std::any_of(plan.steps.begin(), plan.steps.end(), [&](const PlannedStep& step) {
      return step.number == number && step.kind == IntentKind::Drop;
    });
  };
  for (const JournalEntry& entry : ours) {
    const auto* set = std::get_if<SetSysctl>(&entry.step);
    if (set != nullptr && !entry.for_run && !dropped(entry.number)) values[set->key] = set->value;
  }
  for (const PlannedStep& planned : plan.steps) {
    const auto* set = std::get_if<SetSysctl>(&planned.step);
    if (set != nullptr && planned.kind == IntentKind::Make) values[set->key] = set->value;
  }
  return values;
}

void add_boot_files(Desired& desired, const BootSetup& boot,
                    const std::map<std::string, std::string>& values,
                    const std::vector<JournalEntry>& ours, bool keep_unit) {
  if (!values.empty()) {
    desired.wishes.insert(
        desired.wishes.begin(),
        ObjectWish<FileFact>{sysctl_file(boot, values),
                             "the sysctls at boot and for interfaces that come later"});
  }
  for (FileFact file : {unit_file(boot), enabling_link(boot)}) {
    const FileFact* present = own_file(ours, file.path);
    if (keep_unit && present != nullptr) file = *present;
    desired.wishes.emplace_back(ObjectWish<FileFact>{file, "applies the profile at each boot"});
  }
}

bool is_persistent(const std::vector<JournalEntry>& entries) {
  return std::any_of(entries.begin(), entries.end(), [](const JournalEntry& entry) {
    return file_of<Add<FileFact>>(entry.step) != nullptr;
  });
}

std::vector<JournalRecord> records_after_boot(const Journal& old, const JournalHeader& now) {
  std::vector<JournalRecord> records{now};
  // Without the files nothing sets the sysctls again.
  if (is_persistent(old.entries())) {
    for (const JournalEntry& entry : old.entries()) {
      if (entry.for_run || !survives(entry.step)) continue;
      records.emplace_back(Intent{entry.number, entry.step, IntentKind::Make, true});
      records.emplace_back(Done{entry.number});
    }
  }
  if (old.completed()) records.emplace_back(Complete{old.wants(), false});
  for (const PendingStep& pending : old.pending()) {
    if (!survives(pending.intent.step)) continue;
    records.emplace_back(pending.intent);
    if (pending.done) records.emplace_back(Done{pending.intent.number});
  }
  return records;
}

}  // namespace lvs::profiles
