#pragma once

namespace lvs {

/// A visitor made of lambdas, for std::visit.
template <typename... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};
template <typename... Fs>
Overload(Fs...) -> Overload<Fs...>;

}  // namespace lvs
