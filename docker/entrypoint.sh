#!/usr/bin/env bash
# Starts a command as the owner of the data folder, never as root.
#
# A data folder bound from the host belongs to whoever made it there, so what the lake writes will
# be that person's. One that belongs to root (Docker makes a missing folder so) is handed to the
# image's own user. A folder inside of it that is yet to be made belongs to the same owner.
set -euo pipefail
DATA=${DATA_DIR:-/data}
export ENGINE=${ENGINE:-${DEFAULT_ENGINE:-auto}} # compose passes an empty one where none is set
[ -n "${SPARK_DRIVER_MEMORY:-}" ] || unset SPARK_DRIVER_MEMORY # Spark does not start with an empty one

if [ "$ENGINE" = spark ] && ! command -v spark-submit >/dev/null; then
  echo "soundlake: ENGINE=spark needs the full image: SOUNDLAKE_TARGET=full, or leave ENGINE out" >&2
  exit 2
fi

# In a rootless engine root is the host's own unprivileged user: there is nothing to drop.
in_user_namespace() { ! grep -qE '^ *0 +0 +4294967295$' /proc/self/uid_map; }

there=$DATA
while [ ! -e "$there" ]; do there=$(dirname "$there"); done
owner=$(stat -c '%u:%g' "$there")
mkdir -p "$DATA" 2>/dev/null || true # a failure is reported below

if [ "$(id -u)" -eq 0 ] && ! in_user_namespace; then
  case $owner in 0:*) owner=$(id -u soundlake):$(id -g soundlake) ;; esac
  uid=${owner%:*} gid=${owner#*:}
  # Whatever root left there, by `exec` or by a run outside Docker, would be in the way.
  find "$DATA" -xdev -uid 0 -exec chown -h "$owner" {} + 2>/dev/null || true
  # Hadoop does not start for a user without a name.
  getent passwd "$uid" >/dev/null || echo "host:x:$uid:$gid::/tmp:/bin/sh" >>/etc/passwd
  exec setpriv --reuid="$uid" --regid="$gid" --clear-groups "$0" "$@"
fi

me=$(id -u):$(id -g)
if [ ! -w "$DATA" ]; then
  echo "soundlake: $me cannot write $DATA; on the host: sudo chown -R $me ./data" >&2
  exit 2
fi
if ! getent passwd "$(id -u)" >/dev/null; then
  echo "soundlake: start without --user: what runs is then the owner of $DATA by itself" >&2
  exit 2
fi
exec "$@"
