#include "harness/backend/nginx/configuration.hpp"

#include <fmt/format.h>

#include <string_view>

#include "harness/workloads/nginx/server.hpp"

namespace waitbench::nginx {
namespace {

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

// A reply that is passed on goes out as it comes, so that what was sent byte by byte arrives so.
std::string passed_on(std::string_view path) {
  return fmt::format(R"(
    location = {} {{
      proxy_pass http://gate;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_next_upstream off;
      proxy_read_timeout 1d;
      proxy_hide_header X-Received;
      proxy_hide_header X-Due;
      proxy_hide_header X-Sent;
    }})",
                     path);
}

std::string describe_server(const Configuration& configuration) {
  return fmt::format(R"(
  server {{
    listen 127.0.0.1:{} backlog=4096;
    listen {} backlog=4096;
    location /{}/ {{ root .; }}
    location = {} {{ stub_status; }}{}{}
  }})",
                     configuration.port, quoted("unix:" + configuration.socket), notes_folder,
                     status_path, passed_on("/delay"), passed_on("/rest"));
}

}  // namespace

std::string text_of(const Configuration& configuration) {
  constexpr std::size_t most_requests = 2'000'000'000;  // of a connection that is kept
  return fmt::format(R"(daemon off;
pid pid;
error_log stderr error;
worker_processes {workers};
worker_rlimit_nofile {connections};
events {{ worker_connections {connections}; }}
http {{
  access_log off;
  client_body_temp_path client_body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  default_type application/octet-stream;
  keepalive_requests {requests};
  keepalive_timeout 1d;
  client_header_timeout 1d;
  send_timeout 1d;
  open_file_cache max={files} inactive=1d;
  open_file_cache_valid 1d;
  upstream gate {{
    server 127.0.0.1:{gate_port} max_fails=0;
    keepalive {kept};
    keepalive_requests {requests};
    keepalive_timeout 1d;
  }}{server}
}}
)",
                     fmt::arg("workers", configuration.workers),
                     fmt::arg("connections", configuration.worker_connections),
                     fmt::arg("requests", most_requests), fmt::arg("files", 2 * notes),
                     fmt::arg("gate_port", configuration.gate_port),
                     fmt::arg("kept", most_connections),
                     fmt::arg("server", describe_server(configuration)));
}

}  // namespace waitbench::nginx
