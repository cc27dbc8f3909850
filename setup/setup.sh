# What ./bench and ./test have in common: make sure that the machine has what they need, and build
# a preset. Sourced by both, with `root` set to the directory of the checkout. Costs a tenth of a
# second when nothing is missing.
# shellcheck shell=bash
# shellcheck disable=SC2154  # `root` comes from the script that sources this one

boost_dir="$root/.deps/boost-1.81"

# One line that says what is wrong, and the exit code of a usage error.
refuse() {
  echo "${0##*/}: $*" >&2
  exit 2
}

# Whether what is missing may be installed; a script sets it before set_up.
install=yes

set_up() {
  require_platform
  if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    install_packages
    provide_boost
  else
    name_missing_parts
  fi
  choose_python
}

require_platform() {
  local platform
  platform=$(uname -sm)
  case "$platform" in
    "Linux x86_64" | "Linux aarch64") ;;
    *) refuse "waitbench runs on Linux on x86-64 and aarch64; this is $platform" ;;
  esac
}

# --- Debian packages ---------------------------------------------------------------------------

# The lists in setup/ that count; a script may add to them before set_up.
package_lists=(packages)

# Debian's python3-* packages serve Debian's Python only, so they are not needed with another one.
needed_packages() {
  local others=(-e '^#' -e '^$')
  if [ -n "${WAITBENCH_PYTHON:-}" ]; then others+=(-e '^python3'); fi
  (cd "$root/setup" && grep -hv "${others[@]}" "${package_lists[@]}")
}

# Those of the names on standard input that are not installed.
not_installed() {
  local names
  names=$(sort -u)
  # shellcheck disable=SC2016,SC2086  # dpkg's own ${...}; one word per package is wanted
  comm -23 <(echo "$names") \
    <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $names 2>/dev/null |
      sed -n 's/ installed$//p' | sort -u)
}

install_packages() {
  local missing
  missing=$(needed_packages | not_installed | tr '\n' ' ')
  missing=${missing% }
  if [ -z "$missing" ]; then return; fi
  if [ "$install" = no ] || [ "$(id -u)" -ne 0 ]; then
    refuse "packages are missing; run: sudo apt-get install --no-install-recommends $missing"
  fi
  echo "installing $missing" >&2
  apt_quietly update || echo "apt-get update failed; going on with the lists at hand" >&2
  # shellcheck disable=SC2086  # one word per package
  install_without_starting $missing || refuse "apt-get could not install $missing"
}

# Some packages for tests have services, which tests start for themselves: none is to begin to listen
# because it was installed. Debian asks this file whether a service may start.
install_without_starting() (
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" || return 1
  fi
  apt_quietly install --yes --no-install-recommends --no-remove "$@"
)

# apt-get, whose output is shown only when it fails.
apt_quietly() {
  local output
  if ! output=$(DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 \
    -o APT::Sandbox::User=root "$@" 2>&1 </dev/null); then
    echo "$output" >&2
    return 1
  fi
}

# --- guests --------------------------------------------------------------------------------------

# prepare_guests PRESET [FOLDER...]: installs and builds what the guests of the folders need, or,
# without any, those that waitbench comes with. What cannot be had is named; its guests say so in
# their rows.
prepare_guests() {
  local preset=$1 folders=("${@:2}")
  if [ ${#folders[@]} -eq 0 ]; then folders=("$root/impls/guests"); fi
  if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    install_packages_of_guests "${folders[@]}"
  fi
  python3 "$root/setup/guests.py" build "$root/build/$preset/guests" "${folders[@]}" || true
}

install_packages_of_guests() {
  local missing package
  missing=$(python3 "$root/setup/guests.py" packages "$@" | not_installed | tr '\n' ' ')
  missing=${missing% }
  if [ -z "$missing" ]; then return; fi
  if [ "$install" = no ] || [ "$(id -u)" -ne 0 ]; then
    echo "some guests cannot take part without: $missing" >&2
    return
  fi
  echo "installing $missing" >&2
  apt_quietly update || echo "apt-get update failed; going on with the lists at hand" >&2
  # shellcheck disable=SC2086  # one word per package
  if apt_quietly install --yes --no-install-recommends --no-remove $missing 2>/dev/null; then
    return
  fi
  for package in $missing; do
    apt_quietly install --yes --no-install-recommends --no-remove "$package" 2>/dev/null ||
      echo "apt-get could not install $package; guests that need it cannot take part" >&2
  done
}

# --- Boost.Context -----------------------------------------------------------------------------
# The fibers switch stacks with Boost.Context 1.81 or later. Debian 12 has 1.81, but it cannot be
# installed beside python3-scipy: scipy depends on pythran, that on libboost-dev, that on Boost
# 1.74, and the two versions' -dev packages conflict. So where the system's Boost is older, the
# three packages are fetched (which needs no root) and unpacked into .deps/boost-1.81 of this
# checkout, where CMakeLists.txt looks first. Nothing outside the checkout changes.

provide_boost() {
  if [ -e "$boost_dir/usr/include/boost/version.hpp" ] || system_has_boost; then return; fi
  if [ "$install" = no ]; then
    refuse "Boost.Context 1.81 or later is missing; without --no-install it is fetched into .deps"
  fi
  echo "fetching Boost 1.81 into .deps" >&2
  fetch_boost && return
  if [ "$(id -u)" -eq 0 ]; then
    apt_quietly update && fetch_boost && return
  fi
  refuse "Boost 1.81 could not be fetched with apt-get download; run: sudo apt-get update" \
    "(or install Boost.Context 1.81 or later)"
}

system_has_boost() {
  local header=/usr/include/boost/version.hpp version
  version=$(sed -n 's/^#define BOOST_VERSION //p' "$header" 2>/dev/null)
  [ "${version:-0}" -ge 108100 ] && compgen -G '/usr/lib/*/libboost_context.*' >/dev/null
}

# Unpacks beside the final place and renames, so that what is there is whole after an interruption.
fetch_boost() (
  mkdir -p "$root/.deps" && work=$(mktemp -d "$root/.deps/boost.XXXXXX") || return 1
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM
  cd "$work" || return 1
  apt_quietly download libboost1.81-dev libboost-context1.81-dev libboost-context1.81.0 || return 1
  mkdir unpacked
  for package in *.deb; do dpkg-deb -x "$package" unpacked || return 1; done
  chmod 755 unpacked
  # A second script may have been quicker; its copy is as good as ours.
  mv -T unpacked "$boost_dir" 2>/dev/null || [ -d "$boost_dir/usr" ]
)

# --- other distributions -----------------------------------------------------------------------

# Without apt there is nothing to install with: name what is not there, and let CMake decide.
name_missing_parts() {
  local missing
  missing=$({ missing_tools; missing_headers; } | tr '\n' ' ')
  if [ -n "$missing" ]; then
    echo "${0##*/}: not found, to be installed with your system's packages: ${missing% }" >&2
  fi
}

missing_tools() {
  local tool
  for tool in c++ cmake ninja pkg-config python3 strace; do
    command -v "$tool" >/dev/null || echo "$tool"
  done
}

missing_headers() {
  local header
  for header in benchmark/benchmark.h boost/context/fiber.hpp CLI/CLI.hpp fmt/core.h \
    gtest/gtest.h liburing.h nlohmann/json.hpp uv.h; do
    printf '#if !__has_include(<%s>)\nmissing %s\n#endif\n' "$header" "$header"
  done | c++ -x c++ -E -P - 2>/dev/null | sed -n 's/^missing //p'
}

# --- Python ------------------------------------------------------------------------------------

# Modules that are needed beside those of the reports; a script may add to them before set_up.
python_modules=()

missing_modules() { "$1" "$root/plots/requirements.py" "${python_modules[@]}" 2>/dev/null; }

# Sets `python` to the one that WAITBENCH_PYTHON names, else to the first that has all modules, and
# exports WAITBENCH_PYTHON, so that the program takes the same one.
choose_python() {
  local candidates=(python3 /usr/bin/python3) missing
  if [ -n "${WAITBENCH_PYTHON:-}" ]; then candidates=("$WAITBENCH_PYTHON"); fi
  for python in "${candidates[@]}"; do
    if missing=$(missing_modules "$python"); then
      export WAITBENCH_PYTHON=$python
      return
    fi
  done
  missing=${missing//$'\n'/, }
  refuse "$python lacks ${missing:-what a Python 3.11 has}; install it, or name another Python in" \
    "WAITBENCH_PYTHON"
}

# --- building ----------------------------------------------------------------------------------

# build_preset PRESET [TARGET...]: configures and builds a preset of CMakePresets.json, all of it or
# the targets given. The log stays in build/PRESET/build.log and is shown (its end) only when the
# build fails.
build_preset() {
  local preset=$1 directory="$root/build/$1"
  local what=(--parallel "$(nproc)")
  if [ $# -gt 1 ]; then what+=(--target "${@:2}"); fi
  local log="$directory/build.log"
  mkdir -p "$directory"
  echo "building ($preset)" >&2
  if ! {
    cmake -S "$root" --preset "$preset" && cmake --build "$directory" "${what[@]}"
  } >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    echo "${0##*/}: the $preset build failed; all of its log: $log" >&2
    return 1
  fi
}
