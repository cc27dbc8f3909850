// What the harness knows of an nginx: how endpoints are read, what its status says, and what
// clients ask it for.
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <stdexcept>

#include "harness/backend/nginx/configuration.hpp"
#include "harness/backend/nginx/status.hpp"
#include "harness/workloads/nginx/client.hpp"
#include "harness/workloads/nginx/endpoint.hpp"
#include "harness/workloads/nginx/server.hpp"
#include "harness/workloads/payload.hpp"
#include "tests/harness/client_bench.hpp"

namespace waitbench::nginx {
namespace {

using Progress = QueryClient::Progress;

TEST(NginxEndpoint, IsReadAsItWasWritten) {
  const std::string over_tcp = endpoint_over_tcp(8000, 9000);
  EXPECT_EQ(over_tcp, "nginx://127.0.0.1:8000?gate=127.0.0.1:9000");
  EXPECT_TRUE(is_endpoint(over_tcp));
  EXPECT_EQ(transport_of(over_tcp), Transport::tcp);
  const std::string path = "/tmp/a ?gate=\n\"b%";
  const Endpoint over_unix = parse_endpoint(endpoint_over_unix(path, 9000));
  ASSERT_TRUE(over_unix.server.is_unix());
  EXPECT_EQ(reinterpret_cast<const sockaddr_un*>(over_unix.server.get())->sun_path, path);
  EXPECT_EQ(over_unix.gate.size, tcp_address(htonl(INADDR_LOOPBACK), 9000).size);
  EXPECT_EQ(reinterpret_cast<const sockaddr_in*>(over_unix.gate.get())->sin_port, htons(9000));
}

TEST(NginxEndpoint, IsRefusedWhereItIsNone) {
  const std::string too_long(200, 'x');
  for (const std::string& text : {std::string("nginx://"), std::string("nginx://127.0.0.1:80"),
                                  std::string("http://127.0.0.1:80?gate=127.0.0.1:1"),
                                  std::string("nginx://host:80?gate=127.0.0.1:1"),
                                  std::string("nginx://127.0.0.1:0?gate=127.0.0.1:1"),
                                  std::string("nginx://127.0.0.1:80?gate=127.0.0.1"),
                                  std::string("nginx:///tmp/%2?gate=127.0.0.1:1"),
                                  "nginx:///" + too_long + "?gate=127.0.0.1:1"})
    EXPECT_THROW(parse_endpoint(text), std::invalid_argument) << text;
}

TEST(NginxStatus, SaysHowManyRequestsWereRead) {
  EXPECT_EQ(requests_in("Active connections: 291 \nserver accepts handled requests\n"
                        " 16630948 16630947 31070465 \nReading: 6 Writing: 179 Waiting: 106 \n"),
            31070465U);
  for (const char* const text : {"", "server accepts handled requests\n", "<html>404</html>",
                                 "server accepts handled requests\n 1 2 x"})
    EXPECT_THROW(requests_in(text), std::runtime_error) << text;
}

TEST(NginxConfiguration, QuotesThePathOfItsSocket) {
  const std::string text = text_of({.port = 8000, .socket = "/tmp/a\"b\\c;"});
  EXPECT_NE(text.find(R"(listen "unix:/tmp/a\"b\\c;" )"), text.npos) << text;
  EXPECT_NE(text.find("listen 127.0.0.1:8000 "), text.npos) << text;
}

TEST(NginxRests, OfTwoTurnsAndOfTrialsThatAreNearDiffer) {
  constexpr unsigned last = 0xffff;
  for (unsigned trial = 1; trial <= last; ++trial) {
    const auto number = static_cast<std::uint16_t>(trial);
    ASSERT_EQ(rest_of(number, 4), number);
    ASSERT_NE(rest_of(number, 5), number);
    ASSERT_NE(rest_of(number, 5), 0);
  }
  std::set<std::uint16_t> of_neighbours;
  for (std::uint16_t trial = 100; trial < 200; ++trial)
    for (const std::uint32_t turn : {0U, 1U}) of_neighbours.insert(rest_of(trial, turn));
  EXPECT_EQ(of_neighbours.size(), 200U);
}

class NginxClientBench {
 public:
  explicit NginxClientBench(double delay_us)
      : bench_({.cell = {.workload = "nginx", .delay_us = delay_us},
                .trial = 7,
                .check_every_byte = true,
                .timetable = &timetable_}) {
    timetable_.post_tickets(1);
  }

  std::string ask() { return bench_.ask(); }
  Progress answer(const std::string& body) {
    return bench_.deliver(
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body,
        1000);
  }
  std::string failure() { return bench_.ledger().failure(); }
  Timetable& timetable() { return timetable_; }

 private:
  Timetable timetable_ = Timetable::create(1);
  ClientBench<NginxClient> bench_;
};

std::string note(std::uint32_t number) {
  std::string content(note_bytes, '\0');
  fill_payload(number, 0, std::as_writable_bytes(std::span(content)));
  return content;
}

TEST(NginxClient, TakesTheNoteThatItHasAskedForAndThenRests) {
  NginxClientBench bench(0);
  const std::string asked = bench.ask();
  ASSERT_TRUE(asked.starts_with("GET /notes/")) << asked;
  EXPECT_TRUE(asked.ends_with("\r\n\r\n"));
  const auto number = static_cast<std::uint32_t>(std::stoul(asked.substr(11)));
  EXPECT_EQ(bench.answer(note(number)), Progress::complete) << bench.failure();
  EXPECT_TRUE(bench.ask().starts_with("GET /rest?trial=7&"));
  EXPECT_EQ(bench.answer(""), Progress::complete) << bench.failure();
  bench.timetable().begin_next_turn();
  const std::string next = "GET /rest?trial=" + std::to_string(rest_of(7, 1)) + "&";
  EXPECT_TRUE(bench.ask().starts_with(next));
}

TEST(NginxClient, RefusesAnyOtherNote) {
  NginxClientBench bench(0);
  const std::string asked = bench.ask();
  const auto number = static_cast<std::uint32_t>(std::stoul(asked.substr(11)));
  EXPECT_EQ(bench.answer(note(number + 1)), Progress::wrong);
  EXPECT_NE(bench.failure().find("wrong payload"), std::string::npos) << bench.failure();
}

TEST(NginxClient, AsksForADelayOfNoTrial) {
  NginxClientBench bench(1000);
  const std::string asked = bench.ask();
  EXPECT_TRUE(asked.starts_with("GET /delay?trial=0&id=1&")) << asked;
  EXPECT_NE(asked.find("&bytes=256&"), std::string::npos) << asked;
  EXPECT_EQ(bench.answer(note(1)), Progress::complete) << bench.failure();
}

}  // namespace
}  // namespace waitbench::nginx
