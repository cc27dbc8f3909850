// What conversations that leave the protocol to libpq have in common: how a connection is begun,
// what the library waits for meanwhile, and the statements that are prepared on it.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <string_view>

#include "impls/conversation.hpp"

namespace waitbench {

// A connection of the library; null: it is not open.
using LibpqConnection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

using LibpqResult = std::unique_ptr<PGresult, decltype(&PQclear)>;

// What all the libpq conversations of a trial have in common.
struct LibpqStatements {
  std::string endpoint;
  std::string session_name;
  std::string note;  // the statement that asks for one
};

// Null where there is no memory for one.
LibpqConnection begin_to_connect(const LibpqStatements& statements);

// The step after which the library goes on to connect.
Step ready_for(const LibpqConnection& connection, PostgresPollingStatusType wants);

// Of the prepared statements: that to rest, and that which asks for a note.
constexpr const char* libpq_name(bool rests) {
  return rests ? "rest" : "note";
}

// A reason of the library's as a part of a line.
std::string in_one_line(std::string_view reason);

}  // namespace waitbench
