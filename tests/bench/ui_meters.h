#pragma once

// What a person feels of the console, measured inside its own process, on its UI thread.

#include <QApplication>
#include <QElapsedTimer>
#include <QEvent>
#include <QObject>
#include <QTimer>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <map>
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
      most_work = std::max(most_work, (cpu - cpu_) * 1e3);
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
  double most_work = 0;         // ms of CPU that this thread took between two of its events, at most: a block on an idle machine
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

// Which handlers hold the UI thread: the CPU of each event, by what it was for. Those within another one count in both.
class EventMeter : public QApplication {
 public:
  using QApplication::QApplication;

  bool notify(QObject* receiver, QEvent* event) override {
    if (!measures) return QApplication::notify(receiver, event);
    QByteArray what = QByteArray(receiver->metaObject()->className()) + " '" + receiver->objectName().toUtf8() + "' " +
                      QByteArray::number(event->type());
    const double begin = thread_cpu_seconds();
    const bool taken = QApplication::notify(receiver, event);
    const double spent = (thread_cpu_seconds() - begin) * 1e3;
    double& most = most_of[what];
    most = std::max(most, spent);
    return taken;
  }

  bool measures = false;
  std::map<QByteArray, double> most_of;      // ms of CPU
};

}  // namespace penstock::bench
