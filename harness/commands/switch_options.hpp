// What a user types after `waitbench switch`.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace waitbench {

struct Program;

// What is to be done when the sub-command was chosen.
using Action = std::function<int()>;

Action add_switch(CLI::App& app, const Program& program);

}  // namespace waitbench
