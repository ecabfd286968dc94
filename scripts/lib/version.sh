# shellcheck shell=bash
# Sourced. Compares versions as numbers.

# version_at_least <version> <minimum>: both dotted numbers; a leading "v" and what follows "-" or "+"
# are left out, missing parts count as 0.
version_at_least() {
  local IFS=. index have want
  local version=${1#v}
  # shellcheck disable=SC2206 # splitting at the dots is the point
  have=(${version%%[-+]*}) want=($2)
  for index in 0 1 2; do
    if ((${have[index]:-0} != ${want[index]:-0})); then
      ((${have[index]:-0} > ${want[index]:-0}))
      return
    fi
  done
}
