#!/bin/sh
# start.sh STATE ARGUMENT...: the adapter that prepare.sh built under STATE.
state=$1
shift
exec "$state/target/release/meganeura-adapter" "$@"
