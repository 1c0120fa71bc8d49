#!/usr/bin/env bash
# Sets up what is missing, and nothing else: Java, .venv with the pinned packages, Delta's jars.
#
#   scripts/setup.sh run    what a run needs
#   scripts/setup.sh dev    what tests and lint need on top
#
# Safe to interrupt: the stamp that says "done" is written last, and a .venv in which packages
# were being installed when the set-up was cut off is made anew.
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

install_packages() {
  local requirements=$1
  [ ! -e "$BUSY" ] && "$VENV/bin/python" -m pip --version >/dev/null 2>&1 || make_venv
  say "installing the packages of $requirements (about 600 MB the first time, some minutes)"
  touch "$BUSY"
  "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check \
    --require-hashes -r "$requirements" ||
    die "the packages of $requirements could not be installed (pip says why above)"
  rm "$BUSY"
}

case ${1:-} in
  run) requirements=requirements.txt ;;
  dev) requirements=requirements-dev.txt ;; # holds all of requirements.txt, at the same versions
  *) die "usage: scripts/setup.sh run|dev" ;;
esac

need_java # first: it fails at once, before anything large is fetched

# A stamp is a copy of the requirements that were installed.
stamp() { printf '%s/.stamp-%s' "$VENV" "$1"; }
if [ -e "$BUSY" ] || ! cmp -s "$requirements" "$(stamp "$requirements")" ||
  ! "$VENV/bin/python" -c "$AT_LEAST" 2>/dev/null; then
  install_packages "$requirements"
  cp "$requirements" "$(stamp "$requirements")"
  [ "$1" = run ] || cp requirements.txt "$(stamp requirements.txt)"
fi

"$VENV/bin/python" scripts/install_delta_jars.py
[ "$1" = dev ] || "$VENV/bin/python" scripts/make_class_archive.py # last: it is of all that is there
