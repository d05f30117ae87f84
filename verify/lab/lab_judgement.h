#pragma once

#include <cstddef>
#include <vector>

#include "profiles/core/profile.h"
#include "verify/core/report.h"
#include "verify/lab/lab_programs.h"
#include "verify/lab/topology.h"

namespace lvs::verify {

/// What is asked about a lab under test, and where in the lab it is asked.
struct LabJudge {
  const LabPrograms& programs;
  const profiles::Profile& profile;
  const Topology& topology;
};

/// Lets a client judge owner and rotation; rotation is skipped where the director of this version
/// forwards nothing.
std::vector<Check> judge_lab(const LabJudge& judge, std::size_t connections);

}  // namespace lvs::verify
