// What a user types, as options of the sub-commands. Only this file, range.hpp, and those it has
// the options of the larger commands from read CLI11's headers, which take longer to compile than
// all the rest.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "harness/backend/serve.hpp"
#include "harness/commands/commands.hpp"
#include "harness/commands/run_options.hpp"
#include "harness/commands/switch_options.hpp"
#include "harness/machine/build_info.hpp"
#include "harness/os/streams.hpp"
#include "harness/switch/turn.hpp"
#include "harness/trial/guest_process.hpp"
#include "harness/trial/scripted/trial.hpp"
#include "harness/trial/trial.hpp"

namespace waitbench {
namespace {

constexpr const char* description =
    "How does a program wait, and what does each way of waiting cost?\n"
    "waitbench runs one I/O-bound workload through every model of concurrency, and measures.";

Action add_doctor(CLI::App& app, const Program&) {
  auto options = std::make_shared<DoctorOptions>();
  app.add_flag("--json", options->json, "as a JSON array, one object for each check");
  return [=] { return doctor(*options); };
}

Action add_serve(CLI::App& app, const Program&) {
  auto options = std::make_shared<backend::ServeOptions>();
  app.add_option("--tcp", options->tcp, "HOST:PORT to listen on; port 0: any that is free")
      ->capture_default_str();
  app.add_option("--unix", options->unix_name, "name to listen on, in the abstract namespace");
  app.add_option(
      "--ready-fd", options->ready_fd,
      "descriptor on which to say `PORT NAME` once it listens; it then ends with its parent");
  app.add_option("--workload", options->workload, "whose queries to answer")->capture_default_str();
  return [=] { return backend::serve(*options); };
}

// A command whose options, --help among them, are read by the Python program.
Action add_python(CLI::App& app, const Program& program) {
  app.prefix_command();
  app.set_help_flag();
  return [&] {
    return become_python(app.get_name(), {program.words.begin() + 2, program.words.end()});
  };
}

// One line, by which two programs are seen to be the same.
std::string version_line() {
  const nlohmann::json source = describe_source();
  const auto commit =
      source["commit"].is_string() ? source["commit"].get<std::string>() : "unknown";
  return fmt::format("waitbench {}, commit {}{}", source["version"].get<std::string>(), commit,
                     source["dirty"] == true ? " with uncommitted changes" : "");
}

// What the harness tells one of its own processes to do. A person may try it, too.
template <class Order>
std::shared_ptr<Order> add_order(CLI::App& app, Order (*order_from)(const std::string&)) {
  auto order = std::make_shared<Order>();
  const auto read = [=](const std::string& text) {
    try {
      *order = order_from(text);
    } catch (const std::exception& error) {
      throw UsageError(fmt::format(
          "'{}' is no order such as the harness gives to its processes: {}", text, error.what()));
    }
  };
  app.add_option_function<std::string>("order", read, "what to run, in JSON")->required();
  return order;
}

Action add_trial(CLI::App& app, const Program& program) {
  const auto order = add_order(app, order_from);
  auto guest = std::make_shared<std::vector<std::string>>();
  app.add_option("command", *guest, "that starts a guest, behind --")->type_name(file_name);
  return [=] {
    return guest->empty() ? run_trial(*order, program.participants) : run_guest(*order, *guest);
  };
}

Action add_scripted(CLI::App& app, const Program&) {
  const auto order = add_order(app, scripted_order_from);
  return [=] {
    run_scripted(*order);
    return exit_ok;
  };
}

Action add_turn(CLI::App& app, const Program&) {
  const auto order = add_order(app, micro::order_from);
  return [=] { return micro::run_turn(*order); };
}

struct Command {
  const char* name;
  const char* summary;
  Action (*add)(CLI::App&, const Program&);
  bool hidden = false;  // for the harness, not for people
};

constexpr Command commands[] = {
    {"list", "the models", add_list},
    {"verify", "check that every model does the work it will be credited with", add_verify},
    {"run", "measure", add_run},
    {"switch", "measure what a switch costs, and what is behind it", add_switch},
    {"report", "charts and a page from results files", add_python},
    {"compare", "two runs, or models with a baseline: ratios and verdicts", add_python},
    {"export", "a results file for Google Benchmark's compare.py", add_python},
    {"machines", "the same suite on several machines: ratios within each, and over them",
     add_python},
    {"fleet", "one run on many machines, by ssh, Slurm or here, gathered into one page",
     add_python},
    {"history", "what became of models over many runs", add_python},
    {"serve", "the backend alone", add_serve},
    {"doctor", "is this machine fit to measure on?", add_doctor},
    {"trial", "one trial", add_trial, true},
    {"scripted", "one trial without a backend", add_scripted, true},
    {"turn", "one turn", add_turn, true},
};

// CLI11 would say no more than that a sub-command is missing.
void check_command(std::string_view word) {
  std::string names;
  for (const Command& command : commands) {
    if (word == command.name) return;
    if (!command.hidden) names += (names.empty() ? "" : ", ") + std::string(command.name);
  }
  throw UsageError(fmt::format("unknown command '{}'; there are {}", word, names));
}

int complain(const std::string& message, int code) {
  print_to_stderr("waitbench: {}\n", message);
  return code;
}

int print_help(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream text;
  const int code = app.exit(error, text, text);
  write_to_stdout(text.view());
  return code;
}

int explain(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return print_help(app, error);
  std::string message = error.what();
  std::ranges::replace(message, '\n', ' ');
  const auto chosen = app.get_subcommands();
  const std::string name = chosen.empty() ? "" : chosen.front()->get_name() + " ";
  return complain(fmt::format("{} (see waitbench {}--help)", message, name), exit_usage);
}

bool is_utf8(const std::string& text) try {
  return !nlohmann::json(text).dump().empty();
} catch (const nlohmann::json::type_error&) {
  return false;
}

// Names of files are bytes. All other words are recorded in a results file, which is UTF-8, and a
// run that is taken up again reads them there.
void check_encoding(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options())
    for (const std::string& word : option->results())
      if (option->get_type_name() != file_name && !is_utf8(word))
        throw UsageError(
            fmt::format("{}: '{}' is not UTF-8; give it as such", option->get_name(), word));
}

int carry_out(int argc, char** argv, const Program& program) {
  CLI::App app(description, "waitbench");
  app.require_subcommand(1);
  app.set_version_flag("--version", version_line());
  std::vector<std::pair<CLI::App*, Action>> actions;
  for (const Command& command : commands) {
    CLI::App* sub = app.add_subcommand(command.name, command.summary);
    if (command.hidden) sub->group("");
    actions.emplace_back(sub, command.add(*sub, program));
  }
  try {
    if (argc > 1 && *argv[1] != '-') check_command(argv[1]);
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return explain(app, error);
  }
  for (const auto& [sub, action] : actions) {
    if (!sub->parsed()) continue;
    check_encoding(*sub);
    return action();
  }
  return exit_usage;
}

}  // namespace

int run_command_line(int argc, char** argv, std::span<const Participant> participants) {
  const Program program{participants, {argv, argv + argc}};
  try {
    const int code = carry_out(argc, argv, program);
    finish_stdout();
    return code;
  } catch (const OutputFailed& error) {
    if (error.reader_is_gone()) end_by_broken_pipe();
    return complain(error.what(), exit_failed);
  } catch (const UsageError& error) {
    return complain(error.what(), exit_usage);
  } catch (const std::exception& error) {
    return complain(error.what(), exit_failed);
  }
}

}  // namespace waitbench
