#pragma once

#include <iosfwd>
#include <map>
#include <string>
#include <utility>

#include "tests/lab/flows/compare.h"
#include "tests/lab/flows/lines.h"

// The hops of a run in the form in which runs are compared, which is also that of the files in
// recorded/: a heading "PLACE|FLOW|DIRECTION|MACS" and below it a line a packet, two blanks in.

namespace lvs::test {

using Book = std::map<std::pair<std::string, FlowHop>, Lines>;

/// Of these flows, at these places; an interface that saw nothing of them is not in it.
Book book_of(const Captures& captures, const std::set<std::string>& flows,
             const std::vector<std::string>& places);
Differences compare(const Book& recorded, const Book& ours);

std::string to_text(const Book& book);
Book read_book(std::istream& in);

}  // namespace lvs::test
