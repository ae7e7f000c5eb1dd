#!/bin/sh
# Makes this peer ready under the folder given.
set -eu
peer=$(cd -P -- "$(dirname -- "$0")" && pwd -P)
exec "$peer/../python/prepare.sh" "$1" "$peer/requirements.txt" jax
