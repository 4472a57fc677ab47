#pragma once

// What a person feels of the console, measured inside its own process, on its UI thread.

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <vector>

#include <unistd.h>

namespace penstock::bench {

inline double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
}

inline double thread_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Of a process; this one without a number.
inline double resident_megabytes(std::int64_t process_id = 0) {
  std::ifstream statm("/proc/" + (process_id ? std::to_string(process_id) : std::string("self")) + "/statm");
  double total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

// Posts itself an event every 10 ms and keeps how late each came.
class DelayMeter : public QObject {
 public:
  DelayMeter() {
    timer_.setTimerType(Qt::PreciseTimer);
    connect(&timer_, &QTimer::timeout, this, [this] {
      delays.push_back(std::max(0.0, static_cast<double>(last_.nsecsElapsed()) / 1e6 - 10));
      const double cpu = thread_cpu_seconds();
      if (delays.back() > longest_) {
        longest_ = delays.back();
        work_in_longest = (cpu - cpu_) * 1e3;
      }
      begin(cpu);
    });
  }
  void start() {
    begin(thread_cpu_seconds());
    timer_.start(10);
  }
  std::vector<double> delays;   // ms
  double work_in_longest = 0;   // ms of CPU that this thread took in the longest of them: the rest it waited for a processor

 private:
  void begin(double cpu) {
    cpu_ = cpu;
    last_.start();
  }

  QTimer timer_;
  QElapsedTimer last_;
  double cpu_ = 0;
  double longest_ = 0;
};

}  // namespace penstock::bench
