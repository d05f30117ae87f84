#pragma once

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

#include "profiles/host/open_journal.h"
#include "profiles/io/linux_kernel.h"

namespace lvs::test {

/// What goes wrong, and at which step or record, counted from 0.
struct Fault {
  enum class Kind : std::uint8_t {
    StepFails,
    DiesBeforeStep,
    DiesAfterStep,
    RecordFails,  ///< once: then there is room again
    RecordsFail,  ///< from there on, as on a full disk
    DiesAfterRecord,
  };
  Kind kind = Kind::StepFails;
  int at = 0;
};

[[noreturn]] inline void die() {
  ::kill(::getpid(), SIGKILL);
  ::pause();
  std::abort();
}

/// The real kernel, but for one step.
class FaultyKernel : public profiles::Kernel {
 public:
  FaultyKernel(profiles::LinuxKernel kernel, Fault fault)
      : kernel_(std::move(kernel)), fault_(fault) {}
  Result<profiles::Abilities> abilities() override { return kernel_.abilities(); }
  Result<profiles::Snapshot> snapshot(const profiles::Look& look) override {
    return kernel_.snapshot(look);
  }
  Result<profiles::StepNote> carry_out(const profiles::Step& step) override {
    const bool now = steps_++ == fault_.at;
    if (now && fault_.kind == Fault::Kind::DiesBeforeStep) die();
    if (now && fault_.kind == Fault::Kind::StepFails) return fail("made to fail", EIO);
    auto note = kernel_.carry_out(step);
    if (now && fault_.kind == Fault::Kind::DiesAfterStep) die();
    return note;
  }

 private:
  profiles::LinuxKernel kernel_;
  Fault fault_;
  int steps_ = 0;
};

/// The real file, but for one record.
class FaultyJournal : public profiles::JournalWriter {
 public:
  FaultyJournal(profiles::JournalWriter& writer, Fault fault) : writer_(writer), fault_(fault) {}
  Result<void> write(const profiles::JournalRecord& record) override {
    const int number = records_++;
    const bool fails = (fault_.kind == Fault::Kind::RecordFails && number == fault_.at) ||
                       (fault_.kind == Fault::Kind::RecordsFail && number >= fault_.at);
    if (fails) return fail("made to fail", ENOSPC);
    auto written = writer_.write(record);
    if (fault_.kind == Fault::Kind::DiesAfterRecord && number == fault_.at) die();
    return written;
  }

 private:
  profiles::JournalWriter& writer_;
  Fault fault_;
  int records_ = 0;
};

inline host::WrapJournal faulty_journal(Fault fault) {
  return [fault](profiles::JournalWriter& writer) {
    return std::make_unique<FaultyJournal>(writer, fault);
  };
}

}  // namespace lvs::test
