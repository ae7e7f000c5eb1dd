#!/bin/sh
# prepare.sh STATE: builds the adapter, and meganeura with it, from the crates that Cargo.lock pins. Its marker comes last.
set -eu
peer=$(cd -P -- "$(dirname -- "$0")" && pwd -P)
state=$1
rm -f "$state/ready"
command -v cargo >/dev/null 2>&1 || {
  echo "needs cargo of Rust 1.92 or later: https://rustup.rs" >&2
  exit 1
}
mkdir -p "$state"
CARGO_TARGET_DIR="$state/target" RUSTFLAGS="${RUSTFLAGS:--C target-cpu=native}" \
  cargo build --release --locked --manifest-path "$peer/Cargo.toml"
touch "$state/ready"
