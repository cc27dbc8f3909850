# Checks what the compiler says of awaits.cpp: nothing when it awaits a Task, and when it awaits a
# number one error, which names what the number is not.
#   cmake -DCOMPILER=<g++ or clang++> -DROOT=<the project's directory> -P awaits.cmake

set(ENV{LC_ALL} C)

function(compile result_variable said_variable)
  execute_process(
    COMMAND ${COMPILER} -std=c++20 -Wall -Wextra -fsyntax-only -I${ROOT} ${ARGN}
            ${ROOT}/tests/impls/awaits.cpp
    RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said TIMEOUT 60)
  set(${result_variable} "${result}" PARENT_SCOPE)
  set(${said_variable} "${said}" PARENT_SCOPE)
endfunction()

compile(result said)
if(NOT result EQUAL 0 OR NOT said STREQUAL "")
  message(FATAL_ERROR "To await a Task should compile without a word. The compiler said:\n${said}")
endif()

compile(result said -DAWAIT_A_NUMBER)
string(REGEX MATCHALL "error: [^\n]*" errors "${said}")
list(LENGTH errors count)
if(result EQUAL 0 OR NOT count EQUAL 1 OR NOT errors MATCHES "must be Awaitable")
  message(FATAL_ERROR
    "To await 42 should be one error, which names the Awaitable. The compiler said:\n${said}")
endif()
