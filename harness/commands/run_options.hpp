// What a user types after `waitbench list`, `waitbench verify` and `waitbench run`.
#pragma once

#include <functional>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's name
class App;
}

namespace waitbench {

struct Program;

// What is to be done when the sub-command was chosen.
using Action = std::function<int()>;

Action add_list(CLI::App& app, const Program& program);
Action add_verify(CLI::App& app, const Program& program);
Action add_run(CLI::App& app, const Program& program);

}  // namespace waitbench
