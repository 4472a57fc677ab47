// penstock_fake_engine [ENVIRONMENT [COLOUR [PIPELINES]]]: a FakeEngine to develop the console against. Reads commands
// from standard input: stall, go on, die, come back, break POD; ends with it.

#include <iostream>
#include <string>

#include "support/fake_engine.h"

int main(int count, char** values) {
  penstock::test::FakeEngineOptions options;
  if (count > 1) options.environment = values[1];
  if (count > 2) options.colour = values[2];
  if (count > 3) options.pipelines = std::stoi(values[3]);
  penstock::test::FakeEngine engine(options);
  std::cout << engine.address() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "stall") engine.stall(true);
    if (line == "go on") engine.stall(false);
    if (line == "die") engine.die();
    if (line == "come back") engine.come_back();
    if (line.starts_with("break ")) engine.break_pod(line.substr(6));
  }
}
