#include "harness/workloads/cell.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace waitbench {

NLOHMANN_JSON_SERIALIZE_ENUM(Transport, {{Transport::tcp, "tcp"}, {Transport::unix, "unix"}})
NLOHMANN_JSON_SERIALIZE_ENUM(DelayShape, {{DelayShape::exponential, "exponential"},
                                          {DelayShape::constant, "constant"},
                                          {DelayShape::uniform, "uniform"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Connections,
                             {{Connections::kept, "kept"}, {Connections::fresh, "fresh"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Arrivals, {{Arrivals::constant, "constant"},
                                        {Arrivals::poisson, "poisson"},
                                        {Arrivals::onoff, "onoff"}})

void to_json(nlohmann::json& json, const Cell& cell) {
  json = {{"transport", cell.transport},
          {"in_flight", cell.in_flight},
          {"delay_us", cell.delay_us},
          {"delay_shape", cell.delay_shape},
          {"reply_bytes", cell.reply_bytes},
          {"work_us", cell.work_us},
          {"connections", cell.connections},
          {"idle", cell.idle},
          {"depth", cell.depth},
          {"loops", cell.loops},
          {"workers", cell.workers},
          {"rate_qps", nullptr},
          {"arrivals", nullptr}};
  if (!cell.is_open_loop()) return;
  json["rate_qps"] = cell.rate_qps;
  json["arrivals"] = cell.arrivals;
}

void from_json(const nlohmann::json& json, Cell& cell) {
  json.at("transport").get_to(cell.transport);
  json.at("in_flight").get_to(cell.in_flight);
  json.at("delay_us").get_to(cell.delay_us);
  json.at("delay_shape").get_to(cell.delay_shape);
  json.at("reply_bytes").get_to(cell.reply_bytes);
  json.at("work_us").get_to(cell.work_us);
  json.at("connections").get_to(cell.connections);
  json.at("idle").get_to(cell.idle);
  json.at("depth").get_to(cell.depth);
  json.at("loops").get_to(cell.loops);
  json.at("workers").get_to(cell.workers);
  if (json.at("rate_qps").is_null()) return;
  json.at("rate_qps").get_to(cell.rate_qps);
  json.at("arrivals").get_to(cell.arrivals);
}

std::string cell_name(const Cell& cell) {
  const Cell usual;
  const nlohmann::json axes = cell;
  std::string name =
      fmt::format("{}/{}/in_flight:{}/delay_us:{}", axes["transport"].get<std::string>(),
                  axes["connections"].get<std::string>(), cell.in_flight, cell.delay_us);
  if (cell.delay_shape != usual.delay_shape)
    name += "/delay_shape:" + axes["delay_shape"].get<std::string>();
  if (cell.reply_bytes != usual.reply_bytes)
    name += fmt::format("/reply_bytes:{}", cell.reply_bytes);
  if (cell.work_us != usual.work_us) name += fmt::format("/work_us:{}", cell.work_us);
  if (cell.idle != usual.idle) name += fmt::format("/idle:{}", cell.idle);
  if (cell.depth != usual.depth) name += fmt::format("/depth:{}", cell.depth);
  if (cell.loops != usual.loops) name += fmt::format("/loops:{}", cell.loops);
  if (cell.workers != usual.workers) name += fmt::format("/workers:{}", cell.workers);
  if (cell.is_open_loop())
    name +=
        fmt::format("/rate_qps:{}/arrivals:{}", cell.rate_qps, axes["arrivals"].get<std::string>());
  return name;
}

}  // namespace waitbench
