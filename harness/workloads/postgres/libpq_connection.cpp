#include "harness/workloads/postgres/libpq_connection.hpp"

#include <algorithm>

namespace waitbench {

// A name for the database that is an endpoint is taken for the whole of it (expand_dbname).
LibpqConnection begin_to_connect(const LibpqStatements& statements) {
  const char* const keywords[] = {"dbname", "application_name", nullptr};
  const char* const values[] = {statements.endpoint.c_str(), statements.session_name.c_str(),
                                nullptr};
  return {PQconnectStartParams(keywords, values, 1), PQfinish};
}

Step ready_for(const LibpqConnection& connection, PostgresPollingStatusType wants) {
  return Step::ready(PQsocket(connection.get()),
                     wants == PGRES_POLLING_WRITING ? Direction::write : Direction::read);
}

std::string in_one_line(std::string_view reason) {
  std::string line(reason);
  std::ranges::replace(line, '\n', ' ');
  line.erase(line.find_last_not_of(' ') + 1);
  return line.empty() ? "the server has closed the connection" : line;
}

}  // namespace waitbench
