// Stands in for `penstockd --pod` where only the process matters: says that it began, makes the file of its socket, and waits.
//   --exit N    ends at once with N          --deaf    does not end on SIGTERM
// SIGTERM ends it with 0.

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

int main(int count, char** arguments) {
  sigset_t asked;
  sigemptyset(&asked);
  sigaddset(&asked, SIGTERM);
  sigprocmask(SIG_BLOCK, &asked, nullptr);
  bool is_deaf = false;
  std::string pod;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "--exit") {
      std::printf("ending with %s\n", arguments[i + 1]);
      std::fflush(stdout);
      return std::atoi(arguments[i + 1]);
    }
    if (argument == "--deaf") is_deaf = true;
    if (argument == "--pod") pod = arguments[i + 1];
    if (argument == "--listen") std::ofstream(std::string(arguments[i + 1]).substr(5)) << "socket";
  }
  std::printf("pod %s began\n", pod.c_str());
  std::fflush(stdout);
  int signal = 0;
  do sigwait(&asked, &signal);
  while (is_deaf);
  std::printf("asked to end\n");
  return 0;
}
