# Read by ./run.sh and ./mvnw (POSIX sh, sourced): finds what a build needs and downloads nothing.
#   find_jdk    exports JAVA_HOME, a JDK of the release that the project is built for
#   find_maven  sets MVN, a Maven of at least the release that the plugins ask for
# Each ends the script with status 6 (environment unfit) and one line when there is none.

wanted_jdk=25
wanted_maven=3.8.7

# is_jdk DIRECTORY: the release file is read first, because it costs no start of a JVM.
is_jdk() {
  [ -n "$1" ] || return 1
  [ -x "$1/bin/javac" ] || [ -x "$1/bin/javac.exe" ] || return 1
  if [ -r "$1/release" ]; then
    jdk_version=$(sed -n 's/^JAVA_VERSION="\([^"]*\)".*/\1/p' "$1/release")
  else
    jdk_version=$("$1/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9].*\)/\1/p')
  fi
  case $jdk_version in
    $wanted_jdk | $wanted_jdk.* | $wanted_jdk-* | $wanted_jdk+*) return 0 ;;
    *) return 1 ;;
  esac
}

take_jdk() {
  is_jdk "$1" || return 1
  JAVA_HOME=$1
  export JAVA_HOME
}

# The home of the `java` on the PATH, through its symbolic links.
home_on_path() {
  java_on_path=$(command -v java) || return 1
  java_on_path=$(readlink -f "$java_on_path" 2>/dev/null) || return 1
  dirname "$(dirname "$java_on_path")"
}

find_jdk() {
  jdk_before=${JAVA_HOME:-}
  take_jdk "$jdk_before" && return 0
  take_jdk "$(home_on_path)" && return 0
  if [ -x /usr/libexec/java_home ]; then
    take_jdk "$(/usr/libexec/java_home -v "$wanted_jdk" 2>/dev/null)" && return 0
  fi
  for jdk in \
    /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /opt/java/* /opt/*jdk* /usr/local/*jdk* \
    "${SDKMAN_DIR:-${HOME:-}/.sdkman}"/candidates/java/* \
    "${HOME:-}"/.jdks/* \
    "${HOME:-}"/.asdf/installs/java/* \
    "${HOME:-}"/.local/share/mise/installs/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME:-}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    "/opt/homebrew/opt/openjdk@$wanted_jdk/libexec/openjdk.jdk/Contents/Home" \
    "/usr/local/opt/openjdk@$wanted_jdk/libexec/openjdk.jdk/Contents/Home" \
    "/c/Program Files/Eclipse Adoptium"/* "/c/Program Files/Java"/* "/c/Program Files/Zulu"/*; do
    take_jdk "$jdk" && return 0
  done
  echo "griffinfly: no JDK $wanted_jdk found (JAVA_HOME is '${jdk_before:-not set}'): install one, for" \
    "example Temurin $wanted_jdk from https://adoptium.net, and set JAVA_HOME to it." >&2
  exit 6
}

# at_least VERSION WANTED: both major.minor.patch, qualifiers ignored.
at_least() {
  awk -v have="$1" -v want="$2" 'BEGIN {
    split(have, h, /[.-]/); split(want, w, /[.-]/)
    for (i = 1; i <= 3; i++) if (h[i] + 0 != w[i] + 0) exit !(h[i] + 0 > w[i] + 0)
  }'
}

# Needs JAVA_HOME.
find_maven() {
  maven_seen=
  for MVN in \
    "$(command -v mvn)" "${MAVEN_HOME:-}/bin/mvn" "${M2_HOME:-}/bin/mvn" \
    /usr/share/maven/bin/mvn /opt/maven/bin/mvn /opt/apache-maven*/bin/mvn \
    "${SDKMAN_DIR:-${HOME:-}/.sdkman}"/candidates/maven/current/bin/mvn \
    /opt/homebrew/bin/mvn /usr/local/bin/mvn; do
    [ -x "$MVN" ] || continue
    maven_version=$("$MVN" -version 2>/dev/null | sed -n 's/.*Apache Maven \([0-9][0-9.]*\).*/\1/p')
    [ -n "$maven_version" ] || continue
    at_least "$maven_version" "$wanted_maven" && return 0
    maven_seen=" (found $maven_version)"
  done
  echo "griffinfly: no Maven of $wanted_maven or later found$maven_seen: install one (Debian: apt install maven;" \
    "macOS: brew install maven; or https://maven.apache.org) and put mvn on the PATH." >&2
  exit 6
}
