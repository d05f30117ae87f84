#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "director/io/filter/assembler.h"
#include "director/io/filter/code.h"
#include "net/wire/addr.h"

namespace lvs::director {

/// Where the program goes on for one address.
struct AddressTarget {
  IpAddr address{};
  FilterLabel label{};
};

/// Where in a frame an address is looked for.
struct AddressPlace {
  std::uint32_t offset = 0;
  bool is_behind_x = false;  ///< counted from X, which is where the transport header begins
};

/// Goes to the label of the address that the frame has at `place`, or to `miss`. The addresses are
/// of one family and each there once. Found by halves, so that thousands cost a dozen comparisons;
/// it takes about one and a half instructions an IPv4 address, and less where neighbours go to the
/// same label.
void search_address(FilterAssembler& out, const AddressPlace& place,
                    std::vector<AddressTarget> targets, FilterLabel miss);

/// Where a search ends.
struct SearchEnds {
  FilterLabel found{};
  FilterLabel miss{};
};

/// Finds each of the addresses, which are of one family, and some others beside: no more than
/// `most` ranges of one word are looked for. Takes about three instructions a range.
void search_roughly(FilterAssembler& out, const AddressPlace& place,
                    const std::vector<IpAddr>& addresses, std::size_t most, const SearchEnds& ends);

/// Goes to `found` where the port at X + `offset` is in one of the spans, which are in ascending
/// order and do not overlap; else to `miss`.
void search_ports(FilterAssembler& out, std::uint32_t offset, std::span<const PortSpan> spans,
                  FilterLabel found, FilterLabel miss);

}  // namespace lvs::director
