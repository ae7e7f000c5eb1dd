#!/bin/sh
# Makes this peer ready under the folder given. The CPU build of PyTorch is a tenth of the size of PyPI's, which brings CUDA along.
set -eu
peer=$(cd -P -- "$(dirname -- "$0")" && pwd -P)
exec "$peer/../python/prepare.sh" "$1" "$peer/requirements.txt" torch https://download.pytorch.org/whl/cpu
