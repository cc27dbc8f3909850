// The kernel-scheduled models. Each is described in the file that makes it.
#pragma once

#include <memory>
#include <span>

#include "impls/conversation.hpp"
#include "impls/model.hpp"
#include "impls/settings.hpp"

namespace waitbench {

std::unique_ptr<Model> make_blocking(std::span<Conversation* const> conversations,
                                     const Settings& settings);
std::unique_ptr<Model> make_thread_per_connection(std::span<Conversation* const> conversations,
                                                  const Settings& settings);
std::unique_ptr<Model> make_thread_pool(std::span<Conversation* const> conversations,
                                        const Settings& settings);
std::unique_ptr<Model> make_process_per_connection(std::span<Conversation* const> conversations,
                                                   const Settings& settings);
std::unique_ptr<Model> make_process_pool(std::span<Conversation* const> conversations,
                                         const Settings& settings);
std::unique_ptr<Model> make_process_broker_threads(std::span<Conversation* const> conversations,
                                                   const Settings& settings);
std::unique_ptr<Model> make_process_broker_coroutines(std::span<Conversation* const> conversations,
                                                      const Settings& settings);

}  // namespace waitbench
