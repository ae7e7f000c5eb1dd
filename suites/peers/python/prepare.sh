#!/bin/sh
# prepare.sh STATE REQUIREMENTS MODULE [INDEX]: makes the virtual environment of a peer under STATE, its marker last. A machine
# whose own python3 has MODULE needs none. MODULE is taken from INDEX first where that is within reach.
set -eu
state=$1
requirements=$2
module=$3
if python3 -c "import numpy, $module; print('the python3 of this machine has $module', $module.__version__)" 2>/dev/null; then
  rm -f "$state/venv/ready"
  exit 0
fi
rm -f "$state/venv/ready"
mkdir -p "$state"
# Wheels of gigabytes stay with the project, so that an interrupted download is not all for nothing.
export PIP_CACHE_DIR="${PIP_CACHE_DIR:-$state/pip}"
python3 -m venv "$state/venv"
python="$state/venv/bin/python"
if [ $# -gt 3 ]; then
  wanted=$(grep "^$module==" "$requirements")
  "$python" -m pip install --quiet --retries 0 --timeout 15 --index-url "$4" "$wanted" 2>/dev/null ||
    echo "no $wanted within reach at $4: taking the one of the default index"
fi
"$python" -m pip install --quiet -r "$requirements"
"$python" -c "import numpy, $module; print('$module', $module.__version__)"
touch "$state/venv/ready"
