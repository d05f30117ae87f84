#pragma once

#include <chrono>
#include <filesystem>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "net/linux/process.h"
#include "verify/core/report.h"
#include "verify/lab/lab.h"

namespace lvs::verify {

/// Longer than any command that sets something up takes.
inline constexpr std::chrono::seconds kSetupWithin{30};

/// A check without evidence or advice yet.
Check make_check(const std::string& id, Status status, const std::string& title);

/// Our own programs, run on the hosts of a lab that is up. `progress` gets a line for each.
class LabPrograms {
 public:
  using Words = std::vector<std::string>;

  LabPrograms(std::string self, std::string bin_dir, RunningLab lab, std::ostream& progress)
      : self_(std::move(self)),
        bin_dir_(std::move(bin_dir)),
        lab_(std::move(lab)),
        progress_(progress) {}

  const std::string& self() const { return self_; }
  /// The path of lvs-realserver or lvs-director.
  std::string path_of(const std::string& program) const { return bin_dir_ + "/" + program; }
  const std::string& profile() const { return lab_.record.profile; }
  const std::string& lab_name() const { return lab_.record.name; }
  std::string state_dir() const { return lab_.folder.parent_path().string(); }
  /// A file in the lab's folder, which goes with it.
  std::string file(const std::string& name) const { return (lab_.folder / name).string(); }

  void tell(const std::string& line) const { progress_ << line << "\n" << std::flush; }
  /// The arguments of this program that run a command on a host.
  Words on_host(const std::string& host, const Words& command) const;
  Result<linux_net::Finished> run_self(const Words& args, std::chrono::milliseconds deadline) const;
  Result<linux_net::Finished> run_on(const std::string& host, const Words& command,
                                     std::chrono::milliseconds deadline = kSetupWithin) const;
  /// Runs one of our programs on a host; a failed run is a failed check.
  Check step(const std::string& id, const std::string& host, const Words& command) const;

 private:
  std::string self_;
  std::string bin_dir_;
  RunningLab lab_;
  std::ostream& progress_;
};

}  // namespace lvs::verify
