// The echo workload: a query is a line of text, and the reply is the same line. It shows what it
// takes to add a workload: this folder, and a line in the table of workloads of a program.
//
//   client  -> backend   "TRIAL ID WORD\n", in decimal and lower case
//   backend -> client    the same line
//
// The word tells the backend what kind of query it is: "hello", which it answers at once; "slowly",
// which it answers byte by byte; "rest", a rest query; and "idle", by an idle connection.
#pragma once

#include "harness/workloads/workload.hpp"

namespace waitbench {

extern const Workload echo_workload;

}  // namespace waitbench
