# shellcheck shell=bash
# Sourced. One process at a time: macOS has no flock, a symbolic link is made atomically everywhere.

# hold_lock <path> <seconds to wait>: the link names the process that holds it; one that died is pushed aside.
hold_lock() {
  local lock=$1 deadline=$((SECONDS + $2)) owner told=
  until ln -s "$$" "$lock" 2>/dev/null; do
    owner=$(readlink "$lock") || continue
    if ! kill -0 "$owner" 2>/dev/null; then
      rm -f "$lock"
    elif ((SECONDS >= deadline)); then
      fail "Process $owner has held $lock for $2 seconds." "Wait for it or end it, then try again."
    else
      [[ -n $told ]] || say waiting "for process $owner, which holds $lock"
      told=1
      sleep 0.2
    fi
  done
  # shellcheck disable=SC2064 # the path is wanted as it is now
  trap "rm -f '$lock'" EXIT
}
