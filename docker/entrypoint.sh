#!/usr/bin/env bash
# Starts a command as the owner of the data folder, never as root.
#
# A data folder bound from the host belongs to whoever made it there, so what the lake writes will
# be that person's. One that belongs to root (Docker makes a missing folder so) is handed to the
# image's own user. A folder inside of it that is yet to be made belongs to the same owner.
set -euo pipefail
DATA=${DATA_DIR:-/data}
OWN=${SOUNDLAKE_RUN_DIR:-/run/soundlake} # of this container, gone with it
export ENGINE=${ENGINE:-${DEFAULT_ENGINE:-auto}} # compose passes an empty one where none is set
[ -n "${SPARK_DRIVER_MEMORY:-}" ] || unset SPARK_DRIVER_MEMORY # Spark does not start with an empty one

if [ "$ENGINE" = spark ] && ! command -v spark-submit >/dev/null; then
  echo "soundlake: ENGINE=spark needs the full image: SOUNDLAKE_TARGET=full, or leave ENGINE out" >&2
  exit 2
fi

# The image's list of users is a link to here, because the image itself may be read-only.
if [ -L /etc/passwd ] && [ ! -e /etc/passwd ] && ! cp /etc/passwd.image "$OWN/passwd" 2>/dev/null; then
  echo "soundlake: $OWN cannot be written; start with --tmpfs $OWN:mode=1777" >&2
  exit 2
fi

# In a rootless engine root is the host's own unprivileged user: there is nothing to drop.
in_user_namespace() { ! grep -qE '^ *0 +0 +4294967295$' /proc/self/uid_map; }

# name_user UID GID: give the user a name, without which Hadoop does not start
name_user() { getent passwd "$1" >/dev/null || echo "host:x:$1:$2::/tmp:/bin/sh" >>/etc/passwd; }

there=$DATA
while [ ! -e "$there" ]; do there=$(dirname "$there"); done
owner=$(stat -c '%u:%g' "$there")
mkdir -p "$DATA" 2>/dev/null || true # a failure is reported below

if [ "$(id -u)" -eq 0 ] && ! in_user_namespace; then
  case $owner in 0:*) owner=$(id -u soundlake):$(id -g soundlake) ;; esac
  uid=${owner%:*} gid=${owner#*:}
  # Whatever root left there, by `exec` or by a run outside Docker, would be in the way.
  find "$DATA" -xdev -uid 0 -exec chown -h "$owner" {} + 2>/dev/null || true
  name_user "$uid" "$gid"
  exec setpriv --reuid="$uid" --regid="$gid" --clear-groups --no-new-privs "$0" "$@"
fi

me=$(id -u):$(id -g)
if [ ! -w "$DATA" ]; then
  echo "soundlake: $me cannot write $DATA; on the host: sudo chown -R $me ./data" >&2
  exit 2
fi
if ! name_user "$(id -u)" "$(id -g)" 2>/dev/null; then
  echo "soundlake: start without --user: what runs is then the owner of $DATA by itself" >&2
  exit 2
fi

# What belongs to a cluster knows a secret, by which everything between them is encrypted. It goes
# from a file to a file: command lines can be seen by others.
secret=$DATA/.spark_secret
if [ "${1:-}" = spark-class ] && [ ! -s "$secret" ]; then
  made=$(mktemp "$secret.XXXXXX")
  head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"$made"
  # Whoever comes first makes it for all; a file system without links takes a rename.
  ln "$made" "$secret" 2>/dev/null || mv -n "$made" "$secret"
  rm -f "$made"
fi
write_spark_settings() (
  umask 077
  mkdir -p "$OWN/spark"
  cp "$SPARK_CONF_DIR/spark-defaults.conf" "$OWN/spark/"
  printf 'spark.authenticate true\nspark.authenticate.secret %s\n' "$(cat "$secret")" \
    >>"$OWN/spark/spark-defaults.conf"
  echo 'spark.network.crypto.enabled true' >>"$OWN/spark/spark-defaults.conf"
)
case ${1:-}:${SPARK_MASTER:-} in
  spark-class:* | *:spark://*)
    if [ -s "$secret" ] && [ -n "${SPARK_CONF_DIR:-}" ]; then
      write_spark_settings
      export SPARK_CONF_DIR=$OWN/spark
    fi
    ;;
esac

# The first process of a container ends by a signal only if it says so; tini does it for others.
[ $$ -ne 1 ] || exec tini -- "$@"
exec "$@"
