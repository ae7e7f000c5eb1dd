#!/bin/sh
# Makes the virtual environment of this peer under the folder given. The marker is written last.
set -eu
state=$1
peer=$(cd "$(dirname "$0")" && pwd)
rm -f "$state/venv/ready"
mkdir -p "$state"
# Wheels of gigabytes stay with the project, so that an interrupted download is not all for nothing.
export PIP_CACHE_DIR="${PIP_CACHE_DIR:-$state/pip}"
python3 -m venv "$state/venv"
python="$state/venv/bin/python"
torch=$(grep '^torch==' "$peer/requirements.txt")
# The CPU build is a tenth of the size; where its index cannot be reached, PyPI's build brings the CUDA libraries along.
"$python" -m pip install --quiet --retries 0 --timeout 15 --index-url https://download.pytorch.org/whl/cpu "$torch" 2>/dev/null ||
  echo "no CPU build of $torch within reach: taking the one of the default index"
"$python" -m pip install --quiet -r "$peer/requirements.txt"
"$python" -c 'import torch, safetensors.torch; print("torch", torch.__version__)'
touch "$state/venv/ready"
