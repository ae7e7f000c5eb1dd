#!/bin/sh
# start.sh STATE MODULE ARGUMENT...: runs Python with the modules of this folder. That is the Python of the environment that was
# prepared under STATE, else the machine's own python3 if it has MODULE and numpy; with neither the status is 1.
set -u
state=$1
module=$2
shift 2
PYTHONPATH=$(cd -P -- "$(dirname -- "$0")" && pwd -P)
PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH PYTHONDONTWRITEBYTECODE
if [ -e "$state/venv/ready" ]; then
  exec "$state/venv/bin/python" "$@"
fi
# Looked up, not imported: importing takes seconds.
python3 -c 'import sys; from importlib.util import find_spec; sys.exit(not all(map(find_spec, sys.argv[1:])))' \
  "$module" numpy 2>/dev/null || exit 1
exec python3 "$@"
