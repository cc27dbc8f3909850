// What the harness knows of a database: its notes, and how endpoints are read.
#include "harness/workloads/postgres/database.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "harness/workloads/postgres/endpoint.hpp"

namespace waitbench::postgres {
namespace {

TEST(PostgresNote, FollowsFromTheRow) {
  const std::string one = "2654435761";
  const std::string note = one + one + one + one + one + one;
  EXPECT_TRUE(is_note_of(1, note, true));
  EXPECT_TRUE(is_note_of(1, note, false));
  EXPECT_FALSE(is_note_of(2, note, false));
  std::string spoilt = note;
  spoilt[25] = 'x';
  EXPECT_FALSE(is_note_of(1, spoilt, true));
  EXPECT_FALSE(is_note_of(1, note.substr(1), true));
  EXPECT_FALSE(is_note_of(1, "", false));
}

TEST(PostgresEndpoint, IsReadAsItWasWritten) {
  const std::string over_tcp = endpoint_over_tcp(5433);
  EXPECT_TRUE(is_endpoint(over_tcp));
  EXPECT_EQ(transport_of(over_tcp), Transport::tcp);
  EXPECT_EQ(parse_endpoint(over_tcp).port, "5433");
  EXPECT_EQ(parse_endpoint(over_tcp).user, role);
  const std::string over_unix = endpoint_over_unix("/tmp/a b:c%", 5433);
  EXPECT_TRUE(is_endpoint(over_unix));
  EXPECT_EQ(transport_of(over_unix), Transport::unix);
  EXPECT_EQ(parse_endpoint(over_unix).host, "/tmp/a b:c%");
}

TEST(PostgresEndpoint, LeadsToAnAddress) {
  EXPECT_TRUE(address_of(parse_endpoint(endpoint_over_unix("/tmp/x", 1))).is_unix());
  EXPECT_FALSE(address_of(parse_endpoint("postgres://me@localhost:5432/db")).is_unix());
  EXPECT_THROW(address_of(parse_endpoint("postgres://me@db.example.org/db")),
               std::invalid_argument);
  EXPECT_THROW(address_of(parse_endpoint("postgres://me@127.0.0.1:x/db")), std::invalid_argument);
  EXPECT_THROW(parse_endpoint("postgres://%zz"), std::invalid_argument);
  EXPECT_FALSE(is_endpoint("127.0.0.1:8000"));
  EXPECT_FALSE(is_endpoint("@postgres"));
}

}  // namespace
}  // namespace waitbench::postgres
