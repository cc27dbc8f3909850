// The user-level models: any style on any engine.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "impls/catalog.hpp"
#include "impls/engine.hpp"
#include "impls/loop.hpp"
#include "impls/loops.hpp"
#include "impls/shared_connections.hpp"
#include "impls/styles/all.hpp"

namespace waitbench {

// Text that is put together when it is compiled, so that a row can point to it.
template <const std::string_view&... parts>
struct Joined {
  static constexpr auto characters = [] {
    std::array<char, (parts.size() + ...)> joined{};
    auto end = joined.begin();
    for (const std::string_view part : {parts...}) end = std::ranges::copy(part, end).out;
    return joined;
  }();
  static constexpr std::string_view text{characters.data(), characters.size()};
};

inline constexpr std::string_view dash = "-", space = " ";

template <template <class> class Style, Engine E>
std::unique_ptr<Model> make_loop(std::span<Conversation* const> conversations,
                                 const Settings& settings, std::size_t background) {
  return std::make_unique<Loop<Style, E>>(conversations, settings, background);
}

template <template <class> class Style, Engine E>
std::unique_ptr<Model> make_model(std::span<Conversation* const> conversations,
                                  const Settings& settings) {
  if (settings.loops > 1)
    return std::make_unique<Loops>(conversations, settings, make_loop<Style, E>);
  if (settings.shared_connections > 0)
    return std::make_unique<Loop<Style, SharedConnections<E>>>(conversations, settings,
                                                               settings.background);
  return make_loop<Style, E>(conversations, settings, settings.background);
}

// The row <style>-<engine>. What an engine is limited to, and whether a machine or a build allows
// it, it says itself.
template <template <class> class Style, Engine E>
CatalogRow row_of() {
  CatalogRow row = {.name = Joined<Style<E>::name, dash, E::name>::text,
                    .style = Style<E>::name,
                    .engine = E::name,
                    .summary = Joined<Style<E>::phrase, space, E::phrase>::text,
                    .max_in_flight = [](std::size_t all, const Settings&) { return all; },
                    .make = make_model<Style, E>};
  if constexpr (requires { E::max_connections; }) row.max_connections = E::max_connections;
  if constexpr (requires { E::unavailable(); }) row.unavailable = E::unavailable;
  if constexpr (requires { Style<E>::unavailable(); }) row.unavailable = Style<E>::unavailable;
  return row;
}

// An engine's rows, one for each style. CMakeLists.txt has this compiled for each engine in a file
// of its own.
template <Engine E>
std::vector<CatalogRow> rows_on() {
  return []<template <class> class... Style>(StyleList<Style...>) {
    return std::vector<CatalogRow>{row_of<Style, E>()...};
  }(Styles());
}

}  // namespace waitbench
