// Generators that do not delegate; the same in Python are in generator_semantics.py.
#include "tests/impls/generator_cases.hpp"

namespace waitbench {
namespace {

Numbers count(Stage&) {
  co_yield 1;
  co_yield 2;
  co_return 30;
}

Numbers echo(Stage&) {
  int value = co_yield 0;
  while (value != 0) value = co_yield 10 * value;
  co_return -1;
}

Numbers catches_faults(Stage& stage) {
  try {
    co_yield 1;
  } catch (const Fault& fault) {
    stage.out << "caught " << fault.what() << '\n';
  }
  co_yield 2;
  co_return 3;
}

Numbers returns_on_a_fault(Stage&) {
  try {
    co_yield 1;
  } catch (const Fault&) {
    co_return 2;
  }
  co_return 3;
}

Numbers raises(Stage&) {
  co_yield 1;
  throw Fault("of its own");
}

Numbers raises_another(Stage&) {
  try {
    co_yield 1;
  } catch (const Fault&) {
    throw Fault("instead");
  }
  co_return 2;
}

Numbers tidies(Stage& stage) {
  const Finally tidy(stage, "tidied");
  co_yield 1;
  co_return 2;
}

Numbers says_when_it_begins(Stage& stage) {
  stage.out << "begun\n";
  co_yield 1;
  co_return 2;
}

Numbers returns_on_exit(Stage&) {
  try {
    co_yield 1;
  } catch (const GeneratorExit&) {
    co_return 2;
  }
  co_return 3;
}

Numbers raises_on_exit(Stage&) {
  try {
    co_yield 1;
  } catch (const GeneratorExit&) {
    throw Fault("on exit");
  }
  co_return 2;
}

Numbers ignores_exit(Stage&) {
  bool asked = false;
  try {
    co_yield 1;
  } catch (const GeneratorExit&) {
    asked = true;
  }
  if (asked) co_yield 2;
  co_yield 3;
  co_return 4;
}

Numbers catches_errors_only(Stage& stage) {
  try {
    co_yield 1;
  } catch (const std::exception&) {
    stage.out << "caught an error\n";
  }
  co_return 2;
}

Numbers resumes_itself(Stage& stage) {
  try {
    stage.driven->next();
  } catch (const GeneratorMisuse& misuse) {
    stage.out << "refused: " << misuse.what() << '\n';
  }
  co_yield 1;
  co_return 2;
}

Numbers closes_itself(Stage& stage) {
  co_yield 1;
  try {
    stage.driven->close();
  } catch (const GeneratorMisuse& misuse) {
    stage.out << "refused: " << misuse.what() << '\n';
  }
  co_return 2;
}

}  // namespace

std::map<std::string, Numbers (*)(Stage&)> generators_alone() {
  return {
      {"count", count},
      {"echo", echo},
      {"catches_faults", catches_faults},
      {"returns_on_a_fault", returns_on_a_fault},
      {"raises", raises},
      {"raises_another", raises_another},
      {"tidies", tidies},
      {"says_when_it_begins", says_when_it_begins},
      {"returns_on_exit", returns_on_exit},
      {"raises_on_exit", raises_on_exit},
      {"ignores_exit", ignores_exit},
      {"catches_errors_only", catches_errors_only},
      {"resumes_itself", resumes_itself},
      {"closes_itself", closes_itself},
  };
}

}  // namespace waitbench
