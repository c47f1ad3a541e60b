#!/usr/bin/env bash
# Tells what swift-zerorpc does, with real processes that call each other. `make run` builds them and calls it:
#
#   story.sh DIRECTORY_OF_PROGRAMS PYTHON_WITH_ZERORPC
set -euo pipefail

programs=$1
python=$2
scripts=$(cd "$(dirname "$0")" && pwd)/python
# In /tmp, because the path of an ipc endpoint may have about a hundred bytes at most.
directory=$(mktemp -d /tmp/zerorpc-story.XXXXXX)
services=()
step='the preparation'

finish() {
  local status=$?
  trap - EXIT
  if [ "${#services[@]}" -gt 0 ]; then
    kill "${services[@]}" 2>/dev/null || true
    wait "${services[@]}" 2>/dev/null || true
  fi
  # Above 128 it was interrupted, and whoever did that knows.
  if [ "$status" -ne 0 ] && [ "$status" -le 128 ]; then
    printf '\nThe story broke off, with status %s, in: %s\n' "$status" "$step" >&2
    for log in "$directory"/*.log; do
      [ ! -s "$log" ] || { printf '\nWhat %s printed:\n' "$(basename "$log" .log)" && cat "$log"; } >&2
    done
  fi
  rm -rf "$directory"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then bold=$'\033[1m' plain=$'\033[0m'; fi

number=0
act() {
  number=$((number + 1))
  step="act $number"
  printf '\n%s%s. %s%s\n\n' "$bold" "$number" "$1" "$plain"
}

# Shows a command as one would type it, then runs it and indents what it prints.
show() {
  step="act $number: $*"
  printf '   $ %s\n' "$*"
  run "$@" | sed 's/^/   /'
}

run() {
  case $1 in
    python) "$python" "$scripts/$2" "${@:3}" ;;
    *) "$programs/$1" "${@:2}" ;;
  esac
}

# Starts a service, waits until it listens, and leaves its endpoint in $endpoint.
serve() {
  local log="$directory/$1-service.log"
  step="act $number: $*"
  printf '   $ %s &\n' "$*"
  case $1 in
    python) "$python" "$scripts/$2" "${@:3}" >"$log" 2>&1 & ;;
    *) "$programs/$1" "${@:2}" >"$log" 2>&1 & ;;
  esac
  local process=$!
  services+=("$process")
  for _ in $(seq 100); do
    endpoint=$(sed -n 's/^serving .* at //p' "$log")
    if [ -n "$endpoint" ]; then
      sed 's/^/   /' "$log"
      return
    fi
    kill -0 "$process" 2>/dev/null || return 1
    sleep 0.1
  done
  return 1
}

echo "A Swift protocol, Calculator, becomes a remote object. Everyone below is a process of its own."

act "A Swift struct that implements the protocol is served."
serve calculator serve --bind tcp://127.0.0.1:0
swift_service=$endpoint

act "A Swift client calls it."
show calculator demo --connect "$swift_service"

act "A Python client calls it too, with the zerorpc package as it is on PyPI."
show python calculator_client.py "$swift_service"

act "The other way round: a Python object is served, and the Swift client of act 2 calls it unchanged."
serve python calculator_server.py "ipc://$directory/calculator"
python_service=$endpoint
show calculator demo --connect "$python_service"

act "From the command line, zrpc calls any of them and asks what they can do."
show zrpc call "$swift_service" add 2 -5
show zrpc call "$python_service" count 3
show zrpc inspect "$swift_service" divide

printf "\nTwo languages, one protocol: it is declared in Examples/Calculator/Calculator.swift.\n"
