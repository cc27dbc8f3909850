# Finds Boost.Context 1.81 or later, for its fibers, and defines the target boost_context and the
# variable BOOST_CONTEXT_VERSION ("1.81.0"). First looks where ./bench and ./test put it when the
# system's is too old (see setup/setup.sh), then where the system has it.

foreach(prefix ${PROJECT_SOURCE_DIR}/.deps/boost-1.81/usr /usr/local /usr)
  unset(boost_include CACHE)
  unset(boost_library CACHE)
  find_path(boost_include boost/context/fiber.hpp PATHS ${prefix}/include NO_DEFAULT_PATH)
  find_library(boost_library NAMES libboost_context.a boost_context NO_DEFAULT_PATH
    PATHS ${prefix}/lib ${prefix}/lib64 ${prefix}/lib/${CMAKE_LIBRARY_ARCHITECTURE})
  if(NOT boost_include OR NOT boost_library)
    continue()
  endif()
  file(STRINGS ${boost_include}/boost/version.hpp version_line REGEX "^#define BOOST_VERSION [0-9]+")
  string(REGEX MATCH "[0-9]+" version ${version_line})
  if(version GREATER_EQUAL 108100)
    math(EXPR minor "${version} / 100 % 1000")
    math(EXPR patch "${version} % 100")
    set(BOOST_CONTEXT_VERSION 1.${minor}.${patch})
    break()
  endif()
endforeach()

if(NOT BOOST_CONTEXT_VERSION)
  message(FATAL_ERROR "Boost.Context 1.81 or later was not found; ./bench and ./test provide it")
endif()
message(STATUS "Boost.Context ${BOOST_CONTEXT_VERSION}: ${boost_library}")

add_library(boost_context UNKNOWN IMPORTED)
set_target_properties(boost_context PROPERTIES
  IMPORTED_LOCATION ${boost_library}
  INTERFACE_INCLUDE_DIRECTORIES ${boost_include})
