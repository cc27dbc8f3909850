// How a style joins tasks that are not awaited one by one: it counts them, and whoever comes last
// has their parent go on. Callbacks, the driver of generators, and fibers join so.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "impls/conversation.hpp"

namespace waitbench {

// What such a style's slot keeps for it.
template <class Slot>
struct CountedJoin {
  Slot* parent = nullptr;            // which joins this one; null: nobody does
  std::unique_ptr<Slot[]> children;  // kept from one join to the next, as their connections are
  std::size_t left = 0;              // of the children, those that are not done

  void make_children(Slot& self, std::size_t number) {
    children = std::make_unique<Slot[]>(number);
    for (std::size_t i = 0; i < number; ++i) children[i].parent = &self;
  }
};

// Starts a child in each of the slots; whether all of them are done already. While we start them we
// count as one more, so that none of them has the parent go on before the end.
template <class Style, class Slot>
bool start_children(Style& style, Slot& parent, std::span<Conversation* const> children) {
  parent.left = children.size() + 1;
  for (std::size_t i = 0; i < children.size(); ++i) style.start(parent.children[i], *children[i]);
  return --parent.left == 0;
}

// One has ended. Whether a conversation that nobody joins is done by that.
template <class Style, class Slot>
bool end_counted(Style& style, Slot& slot) {
  return slot.parent == nullptr || (--slot.parent->left == 0 && style.resume(*slot.parent, 0));
}

}  // namespace waitbench
