#!/bin/sh
# What one machine does for a fleet: see that it has the program that was asked for, measure, and
# take up what an earlier attempt has left.
#
#   job.sh MODE FOLDER NAMES PROGRAM VERSION PORT [OPTION OF RUN]...
#
# MODE is local (results go to FOLDER), ssh (they are kept in a cache on this machine and written to
# stdout in the end) or slurm (FOLDER is shared with the machine that asks). NAMES: name of the
# results without .json; in an array job one for each task, each with a profile behind a colon if
# that is not among the options. PORT: where the backend listens on the second node of a
# heterogeneous job; empty in any other job. The last line on stderr says what went wrong.
#
# Exit codes: those of waitbench run, and
#   65  there is no such program   66  it is another version   67  FOLDER is not shared
#   68  the backend did not start on its node
mode=$1 folder=$2 names=$3 program=$4 version=$5 port=$6
shift 6

fail() {
  code=$1
  shift
  printf 'fleet: %s\n' "$*" >&2
  exit "$code"
}

# The name of this task, and its profile.
# shellcheck disable=SC2086  # names have no blanks
take_name() {
  set -- $names
  if [ -n "$SLURM_ARRAY_TASK_ID" ]; then shift "$SLURM_ARRAY_TASK_ID"; fi
  name=${1%%:*}
  profile=
  if [ "$name" != "$1" ]; then profile=${1#*:}; fi
}

find_folder() {
  case "$mode" in
    ssh)
      folder=${XDG_CACHE_HOME:-$HOME/.cache}/waitbench/$folder
      mkdir -p "$folder" || fail 1 "cannot make $folder"
      ;;
    slurm)
      # Nobody would see what is written to stderr there.
      [ -f "$folder/fleet.json" ] || exit 67
      exec 2>>"$folder/$name.log" >&2
      ;;
  esac
}

check_program() {
  found=$("$program" --version 2>&1) || fail 65 "cannot start $program: $found"
  [ "$found" = "$version" ] || fail 66 "$program is another version: $found, not $version"
}

# Starts the backend on its node, where there is one, and gives the run its address.
start_backend() {
  [ -n "$port" ] || return
  words=$(mktemp) || fail 1 "cannot make a temporary file"
  srun --het-group=1 --nodes=1 --ntasks=1 "$program" serve --tcp "0.0.0.0:$port" >"$words" &
  server=$!
  tries=0
  while ! grep -q '^serving on' "$words"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ] || ! kill -0 "$server" 2>/dev/null; then
      rm -f "$words"
      fail 68 "the backend did not start on $SLURM_JOB_NODELIST_HET_GROUP_1"
    fi
    sleep 0.2
  done
  rm -f "$words"
  address=$(scontrol show node "$SLURM_JOB_NODELIST_HET_GROUP_1" |
    sed -n 's/.*NodeAddr=\([^ ]*\).*/\1/p')
}

# Runs the program until it ends or is told to end. Where somebody attends (not under Slurm, which
# ends jobs itself), the end of stdin says that nobody does any more.
attend() {
  exec 3<&0
  "$program" "$@" </dev/null >&2 3<&- &
  run=$!
  trap 'kill "$run" 2>/dev/null' TERM HUP INT
  if [ "$mode" != slurm ]; then
    {
      while read -r _ <&3; do :; done
      kill "$run"
    } >/dev/null 2>&1 &
    watcher=$!
  fi
  code=255
  # wait returns early at a signal; it knows of the end of the program once.
  while kill -0 "$run" 2>/dev/null; do
    wait "$run"
    code=$?
  done
  if [ -n "$watcher" ]; then kill "$watcher" 2>/dev/null; fi
}

watcher=
server=
address=
take_name
find_folder
check_program
start_backend
results=$folder/$name.json
if [ -e "$results" ]; then
  attend run --resume "$results"
else
  attend run ${profile:+--profile "$profile"} ${address:+--backend "$address:$port"} "$@" \
    --out "$results"
fi
if [ -n "$server" ]; then kill "$server" 2>/dev/null; fi
if [ "$mode" = ssh ] && [ -e "$results" ]; then
  cat "$results" || code=1
  if [ "$code" = 0 ]; then rm -f "$results"; fi
fi
exit "$code"
