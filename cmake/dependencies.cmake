# The libraries that waitbench needs. setup/packages has the names of Debian's packages.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)

# Older packages of Google Benchmark have a pkg-config file only.
find_package(benchmark QUIET)
if(NOT benchmark_FOUND)
  pkg_check_modules(benchmark REQUIRED IMPORTED_TARGET GLOBAL benchmark)
  add_library(benchmark::benchmark ALIAS PkgConfig::benchmark)
endif()

# Models whose library a machine does not have stay in the list, and say that they are left out.
option(WAITBENCH_WITH_LIBUV "build the models on libuv" ON)
option(WAITBENCH_WITH_IO_URING "build the models on io_uring, which needs liburing" ON)
option(WAITBENCH_WITH_FIBERS "build the models with fibers, which needs Boost.Context" ON)
if(WAITBENCH_WITH_LIBUV)
  pkg_check_modules(libuv REQUIRED IMPORTED_TARGET libuv)
endif()
if(WAITBENCH_WITH_IO_URING)
  pkg_check_modules(liburing REQUIRED IMPORTED_TARGET liburing)
endif()
if(WAITBENCH_WITH_FIBERS)
  include(cmake/boost_context.cmake)
endif()

# Takes the source files out of a list that need a library which is left out, by their names:
# callback_libuv.cpp, io_uring_test.cpp, fiber.cpp.
function(leave_out_sources list)
  foreach(library libuv io_uring fiber)
    string(TOUPPER ${library} option)
    string(REPLACE FIBER FIBERS option ${option})
    if(NOT WAITBENCH_WITH_${option})
      list(FILTER ${list} EXCLUDE REGEX "[/_]${library}(_test)?\\.cpp$")
    endif()
  endforeach()
  set(${list} ${${list}} PARENT_SCOPE)
endfunction()
