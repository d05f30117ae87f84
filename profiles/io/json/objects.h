#pragma once

#include "net/base/result.h"
#include "net/json/json.h"
#include "profiles/core/snapshot.h"

// Each kind of object as the journal keeps it, and back. What is written by one version is read by
// every later one of the same schema: members are added, never renamed.

namespace lvs::profiles {

Json object_json(const AddressFact& fact);
Json object_json(const RouteFact& fact);
Json object_json(const Withholding& table);
Json object_json(const NeighbourFact& fact);
Json object_json(const TunnelFact& fact);
Json object_json(const UpFact& fact);
Json object_json(const OwnTable& table);
Json object_json(const ForeignRule& rule);
Json object_json(const ClsactFact& fact);
Json object_json(const DecapFilter& filter);
Json object_json(const DecapProcess& process);
Json object_json(const FileFact& file);
Json object_json(const Forward6Fact& forwarding);

/// Reads an object of kind T; the error names the member that is missing or wrong.
template <typename T>
Result<T> object_from(const Json& json);

template <>
Result<AddressFact> object_from(const Json& json);
template <>
Result<RouteFact> object_from(const Json& json);
template <>
Result<Withholding> object_from(const Json& json);
template <>
Result<NeighbourFact> object_from(const Json& json);
template <>
Result<TunnelFact> object_from(const Json& json);
template <>
Result<UpFact> object_from(const Json& json);
template <>
Result<OwnTable> object_from(const Json& json);
template <>
Result<ForeignRule> object_from(const Json& json);
template <>
Result<ClsactFact> object_from(const Json& json);
template <>
Result<DecapFilter> object_from(const Json& json);
template <>
Result<DecapProcess> object_from(const Json& json);
template <>
Result<FileFact> object_from(const Json& json);
template <>
Result<Forward6Fact> object_from(const Json& json);

}  // namespace lvs::profiles
