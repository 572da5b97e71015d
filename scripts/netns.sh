#!/bin/sh
# Runs a command in a network of its own: two machines, as network namespaces, on one cable (10.9.0.1 and .2, fd00:9::1 and
# ::2; multicast of IPv4 and IPv6). The command runs on the first; WEFT_SECOND_MACHINE is what runs one on the second. Nothing
# leaves it, and it is gone with the command. Without the right to make one: exit code 77; root always has it.
if [ "$1" != --inside ]; then
  if [ "$(id -u)" = 0 ]; then exec unshare --net --mount "$0" --inside "$@"; fi
  unshare --user --map-root-user --net --mount true 2>/dev/null || {
    echo 'netns: this user may make no network namespace here'
    exit 77
  }
  exec unshare --user --map-root-user --net --mount "$0" --inside "$@"
fi
shift
set -e
unshare --net sleep 3600 &
second=$!
trap 'kill $second 2>/dev/null' EXIT INT TERM
# Until it has a namespace of its own.
tries=0
while [ "$(readlink /proc/$second/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do
  tries=$((tries + 1))
  [ $tries -lt 500 ] || { echo 'netns: no second namespace'; exit 1; }
  sleep 0.01
done
other="nsenter --net=/proc/$second/ns/net --"

ip link add wire0 type veth peer name wire1
ip link set wire1 netns $second
machine() {
  run=$1
  number=$2
  wire=wire$((number - 1))
  $run ip link set lo up
  # Duplicate address detection would keep the address back for seconds.
  $run ip address add 10.9.0.$number/24 dev $wire
  $run ip link set $wire multicast on up
  $run ip address add fd00:9::$number/64 dev $wire nodad
  $run ip route add 224.0.0.0/4 dev $wire
}
machine '' 1
machine "$other" 2

WEFT_SECOND_MACHINE=$other "$@"
