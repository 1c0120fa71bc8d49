#!/bin/sh
# Healthy while the scheduler's heartbeat is younger than a minute and a half.
beat=$(stat -c %Y "${DATA_DIR:-/data}/.heartbeat") || exit 1
[ $(($(date +%s) - beat)) -lt 90 ]
