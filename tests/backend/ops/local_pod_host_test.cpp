#include <QTemporaryDir>
#include <QTest>

#include <signal.h>

#include <filesystem>

#include "ops/local_pod_host.h"
#include "ops/pod_address.h"
#include "ops/process.h"

using namespace penstock;

class LocalPodHostTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::string root() { return folder_.filePath(QTest::currentTestFunction()).toStdString(); }
  LocalPodHost::Options options(std::vector<std::string> arguments = {}) {
    LocalPodHost::Options options;
    options.program = POD_CHILD;
    options.arguments = std::move(arguments);
    options.state_root = root();
    return options;
  }
  static std::string socket_of(const PodProcess& process) { return process.address.substr(5); }
  static bool exists(const std::string& path) { return std::filesystem::exists(path); }
  static ProcessId id_of(const PodProcess& process) { return {process.process_id, process.process_start}; }

  // The one exit that comes, or one without a name after a minute.
  static PodExit exit_of(LocalPodHost& host) {
    std::vector<PodExit> exits;
    (void)QTest::qWaitFor([&] { exits = host.exits(); return !exits.empty(); }, 60'000);
    return exits.empty() ? PodExit{} : exits.front();
  }

 private slots:
  void a_pod_runs_writes_its_log_and_ends_when_asked() {
    LocalPodHost host(options());
    const auto started = host.start({"loyalty-0", 1 << 20});
    QVERIFY2(started.ok(), started.ok() ? "" : started.error().to_string().c_str());
    QTRY_VERIFY_WITH_TIMEOUT(exists(socket_of(*started)), 60'000);
    QTRY_COMPARE_WITH_TIMEOUT(host.logs("loyalty-0", 10).value(), std::vector<std::string>{"pod loyalty-0 began"}, 60'000);
    QCOMPARE(host.list().size(), std::size_t{1});
    QVERIFY(host.usage("loyalty-0")->memory_bytes > 0);
    QCOMPARE(host.start({"loyalty-0"}).error().kind, ErrorKind::already_exists);
    QVERIFY(host.terminate("loyalty-0").ok());
    const PodExit exit = exit_of(host);
    QCOMPARE(exit.name, std::string("loyalty-0"));
    QCOMPARE(exit.reason, std::string("ended with 0"));
    QVERIFY(exit.clean);
    QVERIFY(host.list().empty());
    QVERIFY(!exists(socket_of(*started)));
    QVERIFY(!exists(root() + "/pods/loyalty-0/identity.json"));
    QCOMPARE(host.terminate("loyalty-0").error().kind, ErrorKind::not_found);
    QCOMPARE(host.logs("loyalty-0", 1).value(), std::vector<std::string>{"asked to end"});
  }

  void one_that_is_killed_says_by_what() {
    LocalPodHost host(options());
    const auto started = host.start({"loyalty-0"});
    ::kill(static_cast<pid_t>(started->process_id), SIGKILL);
    QCOMPARE(exit_of(host).reason, std::string("killed by signal 9 (SIGKILL)"));
    QVERIFY(host.start({"loyalty-0"}).ok());      // the name is free again
    QVERIFY(host.kill("loyalty-0").ok());
    QVERIFY(!exit_of(host).clean);
  }

  void one_that_does_not_listen_to_being_asked_is_killed_even_when_frozen() {
    LocalPodHost host(options({"--deaf"}));
    const auto started = host.start({"deaf"});
    QTRY_VERIFY_WITH_TIMEOUT(exists(socket_of(*started)), 60'000);
    QVERIFY(host.terminate("deaf").ok());
    ::kill(static_cast<pid_t>(started->process_id), SIGSTOP);
    QVERIFY(host.kill("deaf").ok());
    QCOMPARE(exit_of(host).reason, std::string("killed by signal 9 (SIGKILL)"));
  }

  void an_exit_code_is_told() {
    LocalPodHost host(options({"--exit", "3"}));
    QVERIFY(host.start({"broken"}).ok());
    QCOMPARE(exit_of(host).reason, std::string("ended with 3"));
    QCOMPARE(host.logs("broken", 5).value(), std::vector<std::string>{"ending with 3"});
  }

  void the_next_engine_adopts_what_runs_and_cleans_what_does_not() {
    PodProcess process;
    {
      LocalPodHost first(options());
      process = *first.start({"loyalty-0"});
      const auto dead = first.start({"dead-0"});
      QTRY_VERIFY_WITH_TIMEOUT(exists(socket_of(process)) && exists(socket_of(*dead)), 60'000);
      QVERIFY(first.kill("dead-0").ok());
      QTRY_VERIFY_WITH_TIMEOUT(!is_running(id_of(*dead)), 60'000);
      // The first engine ends here, without having seen it.
    }
    LocalPodHost second(options());
    const auto adopted = second.adopt();
    QVERIFY(adopted.ok());
    QCOMPARE(adopted->size(), std::size_t{1});
    QCOMPARE((*adopted)[0].process_id, process.process_id);
    QCOMPARE((*adopted)[0].address, process.address);
    QVERIFY(!exists(root() + "/pods/dead-0/identity.json"));
    QVERIFY(!exists(root() + "/pods/dead-0/pod.sock"));
    QVERIFY(second.kill("loyalty-0").ok());
    QCOMPARE(exit_of(second).reason, std::string("gone"));
    QVERIFY(!exists(socket_of(process)));
  }

  void a_process_that_got_the_same_id_is_left_alone() {
    LocalPodHost host(options());
    const auto started = host.start({"loyalty-0"});
    const ProcessId other{started->process_id, started->process_start + 1};
    QVERIFY(!is_running(other));
    QCOMPARE(kill_group(other).error().kind, ErrorKind::not_found);
    QCOMPARE(ask_to_end(other).error().kind, ErrorKind::not_found);
    QVERIFY(is_running(id_of(*started)));
    QVERIFY(host.kill("loyalty-0").ok());
    QVERIFY(!exit_of(host).clean);
  }

  void what_cannot_be_started_is_an_error() {
    LocalPodHost::Options wrong = options();
    wrong.program = "/nowhere/penstockd";
    LocalPodHost host(wrong);
    QCOMPARE(host.start({"loyalty-0"}).error().kind, ErrorKind::io);
    QCOMPARE(host.start({"../evil"}).error().kind, ErrorKind::invalid_argument);
    QVERIFY(host.list().empty());
  }

  void a_path_too_long_for_a_socket_has_a_short_one() {
    QTemporaryDir runtime;
    qputenv("XDG_RUNTIME_DIR", runtime.path().toUtf8());
    const std::string folder = "/state/" + std::string(120, 'x') + "/pods/loyalty-0";
    const auto path = pod_socket_path(folder);
    QVERIFY(path.ok());
    QVERIFY(path->size() <= 107);
    QCOMPARE(*pod_socket_path(folder), *path);
    QVERIFY(*pod_socket_path(folder + "1") != *path);
    QCOMPARE(*pod_socket_path("/state/pods/loyalty-0"), std::string("/state/pods/loyalty-0/pod.sock"));
    std::filesystem::permissions(runtime.path().toStdString() + "/penstock", std::filesystem::perms::all);
    QCOMPARE(pod_socket_path(folder).error().kind, ErrorKind::permission_denied);
  }
};

QTEST_GUILESS_MAIN(LocalPodHostTest)
#include "local_pod_host_test.moc"
