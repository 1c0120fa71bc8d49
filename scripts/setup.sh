#!/usr/bin/env bash
# Sets up what is missing, and nothing else, each part that is named:
#
#   scripts/setup.sh run     what a run needs: .venv with the pinned packages, no Java
#   scripts/setup.sh dev     what tests and lint need on top
#   scripts/setup.sh spark   what Apache Spark needs on top: Java, its packages, Delta's jars
#   scripts/setup.sh auto    run, and spark where ENGINE=spark is set here or in .env
#
# Safe to interrupt: the stamp that says "done" is written last, and a .venv in which packages
# were being installed when the set-up was cut off is rebuilt.
set -euo pipefail
cd "$(dirname "$0")/.."

VENV=.venv
BUSY=$VENV/.installing # there while pip works: what it leaves when killed is not to be trusted
AT_LEAST='import sys; sys.exit(sys.version_info < (3, 11))'

say() { printf 'setup: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

can_apt() { [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; }

apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

java_major() {
  local java=java
  [ -z "${JAVA_HOME:-}" ] || java=$JAVA_HOME/bin/java
  { "$java" -version 2>&1 || true; } | sed -nE 's/.* version "(1\.)?([0-9]+).*/\2/p' | head -n 1
}

has_java() { [ "$(java_major || true)" -ge 17 ] 2>/dev/null; }

need_java() {
  has_java && return
  if can_apt && [ -z "${JAVA_HOME:-}" ]; then
    say "installing Java 17 (about 200 MB)"
    apt-get update -qq >/dev/null
    apt_install openjdk-17-jre-headless 2>/dev/null || apt_install default-jre-headless ||
      die "apt-get could not install Java; install Java 17 or newer by hand"
    has_java && return
  fi
  local found
  found=$(java_major)
  die "Java 17 or newer is needed${JAVA_HOME:+ in JAVA_HOME=$JAVA_HOME}" \
    "(found: ${found:-none}): install it, for example with" \
    "'sudo apt-get install openjdk-17-jre-headless' or 'brew install openjdk@17'"
}

find_python() {
  local each
  for each in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
    if [ -n "$each" ] && command -v "$each" >/dev/null && "$each" -c "$AT_LEAST" 2>/dev/null; then
      command -v "$each"
      return
    fi
  done
  die "Python 3.11 or newer is needed (found: $(python3 --version 2>/dev/null || echo none))"
}

make_venv() {
  local python
  python=$(find_python)
  rm -rf "$VENV"
  say "making $VENV with $("$python" --version)"
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    can_apt || die "this Python lacks venv: install it, on Debian with 'apt-get install python3-venv'"
    apt-get update -qq >/dev/null
    apt_install python3-venv || die "apt-get could not install python3-venv"
  fi
  "$python" -m venv "$VENV"
}

by_pip() {
  "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$1"
}

# As a module: the program uv of a .venv that was moved or copied starts another Python.
uv() { "$VENV/bin/python" -m uv "$@"; }

# install LIST: by uv, which takes a third of pip's time, or by pip where uv is not to be had or
# does not reach the packages (it does not read pip's own settings, such as those of a mirror)
install() {
  uv --version >/dev/null 2>&1 || by_pip requirements-uv.txt >/dev/null 2>&1 || true
  if ! uv --version >/dev/null 2>&1; then
    say "uv cannot be installed here: going on with pip"
  elif uv pip install --quiet --python "$VENV/bin/python" --require-hashes -r "$1"; then
    return
  else
    say "uv cannot install the packages of $1: going on with pip"
  fi
  by_pip "$1"
}

# A stamp is a copy of the list that was installed.
stamp() { printf '%s/.stamp-%s' "$VENV" "$1"; }

# need_packages LIST SIZE: installs a list and notes it, unless it is what was installed last
need_packages() {
  local list=$1
  if [ ! -e "$BUSY" ] && cmp -s "$list" "$(stamp "$list")" &&
    "$VENV/bin/python" -c "$AT_LEAST" 2>/dev/null; then
    return
  fi
  [ ! -e "$BUSY" ] && "$VENV/bin/python" -m pip --version >/dev/null 2>&1 || make_venv
  say "installing the packages of $list (about $2 the first time)"
  touch "$BUSY"
  install "$list" || die "the packages of $list could not be installed (the reason stands above)"
  rm "$BUSY"
  cp "$list" "$(stamp "$list")"
  cp requirements-light.txt "$(stamp requirements-light.txt)" # part of every list
}

# Whether the settings name Spark as the engine; asked only where one of them speaks of it.
wants_spark() {
  [ -n "${ENGINE:-}${SPARK_MASTER:-}" ] || grep -qis spark .env || return 1
  "$VENV/bin/python" -c '
import sys
from config.settings import load_settings
from engines.choice import engine_name
sys.exit(engine_name(load_settings()) != "spark")' 2>/dev/null # the run says what is wrong
}

need_spark() {
  need_java # first: it fails at once, before anything large is fetched
  need_packages requirements.txt "700 MB"
  "$VENV/bin/python" scripts/install_delta_jars.py
  "$VENV/bin/python" scripts/make_class_archive.py # last: it is of all that is there
}

[ $# -gt 0 ] || die "usage: scripts/setup.sh run|dev|spark|auto ..."
for part in "$@"; do
  case $part in
    run) need_packages requirements-light.txt "200 MB" ;;
    dev) need_packages requirements-dev.txt "250 MB" ;;
    spark) need_spark ;;
    auto)
      need_packages requirements-light.txt "200 MB"
      if wants_spark; then need_spark; fi
      ;;
    *) die "usage: scripts/setup.sh run|dev|spark|auto ..." ;;
  esac
done
