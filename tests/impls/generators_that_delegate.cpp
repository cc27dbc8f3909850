// Generators that delegate; the same in Python are in generator_semantics.py.
#include "tests/impls/generator_cases.hpp"

namespace waitbench {
namespace {

// Adds up what it is sent, and says how it ends.
Numbers adds_two(Stage& stage) {
  const Finally tidy(stage, "inner tidied");
  const int first = co_yield 1;
  const int second = co_yield 2;
  co_return first + second;
}

Numbers outer(Stage& stage) {
  const Finally tidy(stage, "outer tidied");
  const int before = co_yield 0;
  const int sum = co_yield from(adds_two(stage));
  const int after = co_yield 100 * sum;
  co_return before + sum + after;
}

Numbers three_deep(Stage& stage) {
  const Finally tidy(stage, "outermost tidied");
  co_return 1000 + (co_yield from(outer(stage)));
}

Numbers one_after_another(Stage& stage) {
  const int first = co_yield from(adds_two(stage));
  const int second = co_yield from(adds_two(stage));
  co_return 10 * first + second;
}

Numbers says_nothing(Stage&) {
  co_return 7;
}

Numbers to_one_that_says_nothing(Stage& stage) {
  co_return co_yield from(says_nothing(stage));
}

Numbers to_one_begun(Stage& stage, Numbers inner) {
  stage.out << "inner: " << *inner.next() << '\n';
  co_return co_yield from(std::move(inner));
}

Numbers to_adder_begun(Stage& stage) {
  return to_one_begun(stage, adds_two(stage));
}

Numbers to_one_that_had_delegated(Stage& stage) {
  return to_one_begun(stage, one_after_another(stage));
}

Numbers inner_raises(Stage& stage) {
  const Finally tidy(stage, "inner tidied");
  co_yield 1;
  throw Fault("from within");
}

Numbers passes_on(Stage& stage) {
  const Finally tidy(stage, "middle tidied");
  co_return co_yield from(inner_raises(stage));
}

Numbers catches_at_its_delegation(Stage& stage) {
  try {
    co_yield from(passes_on(stage));
  } catch (const Fault& fault) {
    stage.out << "caught " << fault.what() << '\n';
  }
  co_yield 2;
  co_return 3;
}

Numbers inner_catches_faults(Stage& stage) {
  try {
    co_yield 1;
  } catch (const Fault& fault) {
    stage.out << "innermost caught " << fault.what() << '\n';
  }
  co_yield 2;
  co_return 3;
}

Numbers middle(Stage& stage) {
  co_return 10 + (co_yield from(inner_catches_faults(stage)));
}

Numbers innermost_catches(Stage& stage) {
  co_return 100 + (co_yield from(middle(stage)));
}

Numbers inner_returns_on_exit(Stage& stage) {
  try {
    co_yield 1;
  } catch (const GeneratorExit&) {
    stage.out << "inner returns\n";
    co_return 5;
  }
  co_return 6;
}

Numbers outlives_its_inner(Stage& stage) {
  const Finally tidy(stage, "outer tidied");
  const int inner = co_yield from(inner_returns_on_exit(stage));
  stage.out << "inner gave " << inner << '\n';
  co_return inner;
}

Numbers inner_ignores_exit(Stage& stage) {
  bool asked = false;
  try {
    co_yield 1;
  } catch (const GeneratorExit&) {
    asked = true;
  }
  if (asked) co_yield 2;
  stage.out << "never gets here\n";
  co_return 3;
}

Numbers has_an_ignorer(Stage& stage) {
  const Finally tidy(stage, "outer tidied");
  co_return co_yield from(inner_ignores_exit(stage));
}

Numbers catches_an_ignorer(Stage& stage) {
  try {
    co_yield from(inner_ignores_exit(stage));
  } catch (const GeneratorMisuse& misuse) {
    stage.out << "caught: " << misuse.what() << '\n';
  }
  co_return 4;
}

Numbers inner_raises_on_exit(Stage&) {
  try {
    co_yield 1;
  } catch (const GeneratorExit&) {
    throw Fault("on exit");
  }
  co_return 2;
}

Numbers catches_a_fault_on_exit(Stage& stage) {
  try {
    co_yield from(inner_raises_on_exit(stage));
  } catch (const Fault& fault) {
    stage.out << "caught " << fault.what() << '\n';
  }
  co_return 3;
}

Numbers catches_a_fault_on_exit_and_yields(Stage& stage) {
  try {
    co_yield from(inner_raises_on_exit(stage));
  } catch (const Fault& fault) {
    stage.out << "caught " << fault.what() << '\n';
  }
  co_yield 50;
  co_return 51;
}

Numbers catches_exit_and_yields(Stage& stage) {
  bool asked = false;
  try {
    co_yield from(adds_two(stage));
  } catch (const GeneratorExit&) {
    asked = true;
  }
  if (asked) co_yield 50;
  co_return 51;
}

Numbers delegates_on_exit(Stage& stage) {
  bool asked = false;
  try {
    co_yield from(adds_two(stage));
  } catch (const GeneratorExit&) {
    asked = true;
  }
  if (asked) stage.out << "on exit: " << (co_yield from(says_nothing(stage))) << '\n';
  co_return 8;
}

Numbers speaks_through_a_second_on_exit(Stage& stage) {
  bool asked = false;
  try {
    co_yield from(adds_two(stage));
  } catch (const GeneratorExit&) {
    asked = true;
  }
  if (asked) co_yield from(adds_two(stage));
  co_return 9;
}

Numbers has_one_begun_that_speaks_through_a_second(Stage& stage) {
  return to_one_begun(stage, speaks_through_a_second_on_exit(stage));
}

Numbers speaks_through_another_on_exit(Stage& stage) {
  bool asked = false;
  try {
    co_yield 1;
  } catch (const GeneratorExit&) {
    asked = true;
  }
  if (asked) co_yield from(adds_two(stage));
  co_return 9;
}

Numbers has_one_that_speaks_through_another(Stage& stage) {
  try {
    co_yield from(speaks_through_another_on_exit(stage));
  } catch (const GeneratorMisuse& misuse) {
    stage.out << "caught: " << misuse.what() << '\n';
  }
  co_return co_yield from(adds_two(stage));
}

}  // namespace

std::map<std::string, Numbers (*)(Stage&)> generators_that_delegate() {
  return {
      {"outer", outer},
      {"three_deep", three_deep},
      {"one_after_another", one_after_another},
      {"to_one_that_says_nothing", to_one_that_says_nothing},
      {"to_adder_begun", to_adder_begun},
      {"to_one_that_had_delegated", to_one_that_had_delegated},
      {"passes_on", passes_on},
      {"catches_at_its_delegation", catches_at_its_delegation},
      {"innermost_catches", innermost_catches},
      {"outlives_its_inner", outlives_its_inner},
      {"has_an_ignorer", has_an_ignorer},
      {"catches_an_ignorer", catches_an_ignorer},
      {"catches_a_fault_on_exit", catches_a_fault_on_exit},
      {"catches_a_fault_on_exit_and_yields", catches_a_fault_on_exit_and_yields},
      {"catches_exit_and_yields", catches_exit_and_yields},
      {"delegates_on_exit", delegates_on_exit},
      {"has_one_begun_that_speaks_through_a_second", has_one_begun_that_speaks_through_a_second},
      {"has_one_that_speaks_through_another", has_one_that_speaks_through_another},
  };
}

}  // namespace waitbench
