#!/bin/sh
# The benchmark: ./run.sh -m SmolLM2, ./run.sh --help.
# Builds once, without tests and checks, whenever a source file has changed; then runs the command line.
set -u
root=$(cd -P -- "$(dirname -- "$0")" && pwd -P) || exit 1
. "$root/.mvn/find-java.sh"
find_jdk

build=$root/target/run
stamp=$build/stamp

# One checksum a source file, and the JDK: a start with nothing changed never starts Maven.
sources_now() {
  echo "JDK $jdk_version"
  cd "$root" && find pom.xml .mvn/jvm.config ./*/pom.xml ./*/src/main -type f -exec cksum {} + | LC_ALL=C sort -k 3
}

build_now() {
  find_maven
  rm -rf "$build/lib" "$stamp"
  mkdir -p "$build" || exit 1
  echo "griffinfly: building (only after a change; log: $build/build.log) ..." >&2
  (cd "$root" && "$MVN" -B -ntp -P run -pl suites -am package) >"$build/build.log" 2>&1 </dev/null || {
    status=$?
    tail -n 40 "$build/build.log" >&2
    echo "griffinfly: the build failed; the whole log is $build/build.log" >&2
    [ "$status" -gt 128 ] && exit "$status"
    exit 1
  }
  echo "$1" >"$stamp" || exit 1
}

sources=$(sources_now) || exit 1
if [ ! -r "$stamp" ] || [ "$sources" != "$(cat "$stamp")" ]; then
  build_now "$sources"
fi

lib=$build/lib
command -v cygpath >/dev/null 2>&1 && lib=$(cygpath -w "$lib")
# The command line computes nothing itself: the processes that it starts add the Vector API, whose warning stays in their logs.
exec "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED "-Dgriffinfly.home=$root" \
  -cp "$lib/*" io.griffinfly.suites.Main "$@"
