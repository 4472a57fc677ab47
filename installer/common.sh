# shellcheck shell=bash
# Shared by the programs in this folder. A program sources it and calls need_packages, need_libraries and build.
set -euo pipefail

SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/penstock
export CCACHE_DIR=${CCACHE_DIR:-$CACHE/ccache} CCACHE_BASEDIR=$SOURCE CCACHE_NOHASHDIR=1
export LC_ALL=C.UTF-8                       # ccache hashes the locale

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() { printf 'penstock: %s\n' "$1" >&2; exit "${2:-1}"; }
have() { command -v "$1" >/dev/null 2>&1; }
cores() { getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2; }

# The packages of a list that are not installed. Without dpkg (another distribution) there is nothing to check.
missing_packages() {
  have dpkg-query || return 0
  local line one installed
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
  sed '/^#/d;/^$/d' "$1" | while read -r line; do
    for one in ${line//|/ }; do
      grep -qxF "$one" <<<"$installed" && continue 2
    done
    for one in ${line//|/ }; do                # not there: the first that the distribution knows
      if [ "$one" = "$line" ] || apt-cache show "$one" >/dev/null 2>&1; then echo "$one"; continue 2; fi
    done
    echo "${line%%|*}"
  done
}

# need_packages LIST...: installs what is missing; without root says the one command that does, and ends with 2.
need_packages() {
  local list missing=()
  for list in "$@"; do
    while read -r package; do missing+=("$package"); done < <(missing_packages "$list")
  done
  [ ${#missing[@]} = 0 ] && return 0
  if [ "$(id -u)" != 0 ]; then
    printf 'Penstock needs %d packages that are not installed. Run this, then call me again:\n\n' ${#missing[@]} >&2
    printf '  sudo apt-get update && sudo apt-get install -y --no-install-recommends %s\n\n' "${missing[*]}" >&2
    exit 2
  fi
  say "installing ${#missing[@]} packages"
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq -o DPkg::Lock::Timeout=300 \
    --no-install-recommends "${missing[@]}" >&2
}

# What distributions do not have, or only in versions that are too old.
need_libraries() { "$SOURCE/installer/duckdb" && "$SOURCE/installer/librdkafka"; }

# build PRESET [CMAKE OPTION...] -- [TARGET...]: configures once, then builds with ninja's own progress.
build() {
  local preset=$1 options=(); shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do options+=("$1"); shift; done
  [ "${1:-}" = -- ] && shift
  local dir=$SOURCE/build/$preset
  if [ ! -f "$dir/build.ninja" ] || [ ${#options[@]} -gt 0 ]; then
    say "configuring ($preset)"
    (cd "$SOURCE" && cmake --preset "$preset" "${options[@]}") >"$SOURCE/build-$preset.log" 2>&1 ||
      { tail -n 30 "$SOURCE/build-$preset.log" >&2; rm -f "$SOURCE/build-$preset.log"; die "configuring failed"; }
    rm -f "$SOURCE/build-$preset.log"
  fi
  NINJA_STATUS='[%f/%t, %e s] ' ninja -C "$dir" -j "$(cores)" "$@" >&2 || die "the build failed; the first error stands above"
}
