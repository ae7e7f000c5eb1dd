#!/bin/sh
# The benchmark from its portable archive, with the Java that lies beside it: ./run.sh -m SmolLM2, ./run.sh --help.
set -u
root=$(cd -P -- "$(dirname -- "$0")" && pwd -P) || exit 1
case $(uname -s)-$(uname -m) in
  Linux-x86_64) ;;
  *)
    echo "griffinfly: this archive is for Linux on x86-64, not $(uname -s) on $(uname -m): build from the sources." >&2
    exit 6
    ;;
esac
java=$root/runtime/bin/java
# The JVM's archive of its own classes would be a tenth of the download and takes half a second to make: at the first start.
# Where this folder is read-only the benchmark goes without it, and every process starts 80 ms later.
archive=$root/runtime/lib/server/classes.jsa
if [ ! -e "$archive" ] && [ -w "$root/runtime/lib/server" ]; then
  "$java" -Xshare:dump "-XX:SharedArchiveFile=$archive.$$" >/dev/null 2>&1 && mv -f "$archive.$$" "$archive"
fi
exec "$java" --enable-native-access=ALL-UNNAMED "-Dgriffinfly.home=$root" -cp "$root/lib/*" io.griffinfly.suites.Main "$@"
