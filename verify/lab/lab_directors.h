#pragma once

#include <string>
#include <vector>

#include "net/linux/process.h"
#include "verify/core/report.h"
#include "verify/lab/lab_programs.h"

namespace lvs::verify {

/// The directors that run in a lab under test.
class LabDirectors {
 public:
  explicit LabDirectors(const LabPrograms& programs) : programs_(programs) {}

  /// Starts one and waits until it answers.
  Check start(const std::string& host);
  /// Ends them all; a check for each.
  std::vector<Check> stop();

 private:
  struct Director {
    std::string host;
    linux_net::ChildProcess process;
    std::string log;
  };
  bool wait_ready(Director& director) const;
  Check stop(Director& director) const;

  const LabPrograms& programs_;
  std::vector<Director> directors_;
};

}  // namespace lvs::verify
