#include <QTest>

#include <string>
#include <thread>

#ifdef _WIN32
#include <windows.h>
#else
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>
#endif

#include "base/this_thread.h"

using namespace penstock;

namespace {

// What the system shows of the calling thread.
#ifdef _WIN32
std::string shown_name() {
  PWSTR name = nullptr;
  GetThreadDescription(GetCurrentThread(), &name);
  const std::string shown = QString::fromWCharArray(name).toStdString();
  LocalFree(name);
  return shown;
}
int urgency() { return GetThreadPriority(GetCurrentThread()); }
#else
std::string shown_name() {
  char name[16] = "";
  pthread_getname_np(pthread_self(), name, sizeof name);
  return name;
}
int urgency() { return -getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())); }
#endif

}  // namespace

class ThisThreadTest : public QObject {
  Q_OBJECT

 private slots:
  void a_name_is_shown_as_far_as_the_system_shows_names() {
    std::string shown;
    std::thread([&] {
      name_this_thread("shard pos_sales_of_all_stores");
      shown = shown_name();
    }).join();
    QVERIFY2(shown.starts_with("shard pos_sales"), shown.c_str());
  }

  void only_the_calling_thread_gives_way() {
    const int before = urgency();
    int lowered = before;
    std::thread([&] {
      lower_thread_priority();
      lowered = urgency();
    }).join();
    QVERIFY(lowered < before);
    QCOMPARE(urgency(), before);
  }
};

QTEST_APPLESS_MAIN(ThisThreadTest)
#include "this_thread_test.moc"
