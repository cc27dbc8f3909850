// What a user may choose about the report, by the flags that Google Benchmark has for it.
#pragma once

#include <string>

namespace waitbench::micro {

struct ReportOptions {
  std::string format = "console";   // or json, csv: on stdout
  bool on_stderr = false;           // instead, since stdout has something else
  std::string out;                  // a further file; empty: none
  std::string out_format = "json";  // or console, csv
  std::string color = "auto";       // or true, false
  bool counters_tabular = false;
  bool aggregates_only = false;  // medians alone, also in json and csv
};

}  // namespace waitbench::micro
