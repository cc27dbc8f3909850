#pragma once

#include <memory>
#include <span>

#include "impls/conversation.hpp"
#include "impls/model.hpp"
#include "impls/settings.hpp"

namespace waitbench {

std::unique_ptr<Model> make_blocking(std::span<Conversation* const> conversations,
                                     const Settings& settings);

}  // namespace waitbench
