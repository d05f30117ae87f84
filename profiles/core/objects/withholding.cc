#include "profiles/core/objects/withholding.h"

#include "net/base/counted.h"
#include "net/base/joined.h"
#include "net/wire/addr_text.h"

namespace lvs::profiles {

std::string describe(const Withholding& table) {
  return "nft table netdev " + table.table + " (" + counted(table.services.size(), "service") +
         " to " + joined(table.fragments_to) + " at ingress of " + joined(table.links) + ", " +
         counted(table.rules, "rule") + ")";
}

std::string identity(const Withholding& table) { return table.table; }

bool same_place(const Withholding& a, const Withholding& b) { return a.table == b.table; }

bool is_as_made(const Withholding& present, const Withholding& made) { return present == made; }

bool serves(const Withholding& present, const Withholding& wanted) { return present == wanted; }

}  // namespace lvs::profiles
