#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace penstock::bench {

// What one benchmark measured. As JSON:
//   {"benchmark": …, "metrics": [{"name", "value", "unit", "goal"}], "floors": […], "peers": […], "conditions": {…}}
// A floor is what the work costs at least (the library alone), a peer what others reach on the same machine; both have
// the form of a metric without goal.
struct Metric {
  std::string name;
  double value = 0;
  std::string unit;
  std::string goal;            // ">= 1000000"; empty: none
};

struct Report {
  std::string benchmark;
  std::vector<Metric> metrics;
  std::vector<Metric> floors;
  std::vector<Metric> peers;
  std::vector<std::pair<std::string, std::string>> conditions;   // beside those that are found out: cores, compiler, build
};

// Prints the report as a table, or as one line of JSON when `--json` is among the arguments.
void print(const Report& report, int argc, char** argv);

// The number behind `name` among the arguments ("--seconds 60").
std::int64_t number_after(int argc, char** argv, const char* name, std::int64_t otherwise);

// Wall clock, microseconds since 1970.
std::int64_t now_micros();

// CPU time of this process so far, in seconds: steadier than the wall clock beside other load.
double cpu_seconds();

}  // namespace penstock::bench
