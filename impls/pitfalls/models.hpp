// The pitfalls. Each is described in the file that makes it.
#pragma once

#include <memory>
#include <span>

#include "impls/conversation.hpp"
#include "impls/model.hpp"
#include "impls/settings.hpp"

namespace waitbench {

std::unique_ptr<Model> make_awaits_in_turn(std::span<Conversation* const> conversations,
                                           const Settings& settings);
std::unique_ptr<Model> make_blocking_call(std::span<Conversation* const> conversations,
                                          const Settings& settings);
std::unique_ptr<Model> make_lock_across_wait(std::span<Conversation* const> conversations,
                                             const Settings& settings);
std::unique_ptr<Model> make_shared_pipe(std::span<Conversation* const> conversations,
                                        const Settings& settings);
std::unique_ptr<Model> make_unbounded_fan_out(std::span<Conversation* const> conversations,
                                              const Settings& settings);

}  // namespace waitbench
