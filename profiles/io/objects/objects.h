#pragma once

#include "net/base/result.h"
#include "net/linux/rtnetlink.h"
#include "profiles/core/snapshot.h"

// How the objects of each kind are made, taken away and found on a real host, in the network
// namespace of the calling thread. A kind has one file here. Making never replaces what is there
// (EEXIST); taking away hits exactly the object that is named, marks included. The readers add to a
// snapshot whose links are known; what this kernel or this caller cannot read is left out.

namespace lvs::profiles {

using linux_net::RouteSocket;

// network_io.cc
Result<void> add_object(RouteSocket& route, const AddressFact& fact);
Result<void> remove_object(RouteSocket& route, const AddressFact& fact);
Result<void> add_object(RouteSocket& route, const RouteFact& fact);
Result<void> remove_object(RouteSocket& route, const RouteFact& fact);
/// Links, addresses and routes.
Result<void> read_network(RouteSocket& route, Snapshot& snapshot);

// withholding_io.cc
Result<void> add_object(RouteSocket& route, const Withholding& table);
Result<void> remove_object(RouteSocket& route, const Withholding& table);
/// There is no moment between the old table and the new one.
Result<void> replace_object(RouteSocket& route, const Withholding& before,
                            const Withholding& after);
Result<void> read_withholdings(Snapshot& snapshot);

// neighbour_io.cc
Result<void> add_object(RouteSocket& route, const NeighbourFact& fact);
Result<void> remove_object(RouteSocket& route, const NeighbourFact& fact);
Result<void> replace_object(RouteSocket& route, const NeighbourFact& before,
                            const NeighbourFact& after);
/// Permanent and proxy entries, and the MACs of `resolve`, asked for where they are not known (up
/// to a second, once for all).
Result<void> read_neighbours(RouteSocket& route, const std::vector<IpAddr>& resolve,
                             Snapshot& snapshot);

// link_io.cc
Result<void> add_object(RouteSocket& route, const TunnelFact& fact);
Result<void> remove_object(RouteSocket& route, const TunnelFact& fact);
Result<void> add_object(RouteSocket& route, const UpFact& fact);
Result<void> remove_object(RouteSocket& route, const UpFact& fact);
Result<void> read_tunnels(RouteSocket& route, Snapshot& snapshot);

// nft_table_io.cc
Result<void> add_object(RouteSocket& route, const OwnTable& table);
Result<void> remove_object(RouteSocket& route, const OwnTable& table);
Result<void> replace_object(RouteSocket& route, const OwnTable& before, const OwnTable& after);
Result<void> read_tables(Snapshot& snapshot);

// foreign_rule_io.cc
Result<void> add_object(RouteSocket& route, const ForeignRule& rule);
Result<void> remove_object(RouteSocket& route, const ForeignRule& rule);
Result<void> read_firewall(Snapshot& snapshot);

// decap_io.cc
Result<void> add_object(RouteSocket& route, const ClsactFact& fact);
Result<void> remove_object(RouteSocket& route, const ClsactFact& fact);
Result<void> add_object(RouteSocket& route, const DecapFilter& filter);
Result<void> remove_object(RouteSocket& route, const DecapFilter& filter);
Result<void> replace_object(RouteSocket& route, const DecapFilter& before,
                            const DecapFilter& after);
Result<void> add_object(RouteSocket& route, const DecapProcess& process);
Result<void> remove_object(RouteSocket& route, const DecapProcess& process);
Result<void> read_decap(RouteSocket& route, Snapshot& snapshot);

// file_io.cc
Result<void> add_object(RouteSocket& route, const FileFact& file);
Result<void> remove_object(RouteSocket& route, const FileFact& file);
Result<void> replace_object(RouteSocket& route, const FileFact& before, const FileFact& after);
Result<void> read_files(const std::vector<std::string>& paths, Snapshot& snapshot);

// forwarding_io.cc
Result<void> add_object(RouteSocket& route, const Forward6Fact& forwarding);
Result<void> remove_object(RouteSocket& route, const Forward6Fact& forwarding);
Result<void> read_forwarding(Snapshot& snapshot);

}  // namespace lvs::profiles
