#pragma once

#include <string>
#include <string_view>

#include "net/base/result.h"
#include "profiles/core/journal.h"

namespace lvs::profiles {

/// A record as one line of JSON, without the newline.
std::string journal_line(const JournalRecord& record);
/// The record of one line. A header of an unknown higher schema is refused, naming both numbers.
Result<JournalRecord> journal_record(std::string_view line);

struct JournalText {
  Journal journal;
  std::size_t good_bytes = 0;  ///< up to here the text is whole lines
};
/// A whole file. A last line without its newline was being written when we died: it is left out
/// (its step had not begun, since the line comes first). Anything else that is wrong is an error
/// that names the line.
Result<JournalText> read_journal(std::string_view text);

}  // namespace lvs::profiles
