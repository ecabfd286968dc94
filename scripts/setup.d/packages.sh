# shellcheck shell=bash
# Sourced by scripts/setup. The npm packages of package-lock.json.

# Inside node_modules, so that it is gone when they are.
packages_stamp=node_modules/.nixherd-installed

ensure_packages() {
  local wanted
  wanted="$(platform) $(sha256_of package-lock.json)"
  [[ -f $packages_stamp && $(<"$packages_stamp") == "$wanted" ]] && return
  command -v npm >/dev/null ||
    fail "There is no npm on PATH." "Install the npm that belongs to your Node, then run scripts/setup again."
  step packages "npm ci, without install scripts" install_packages "$wanted" ||
    fail "npm could not install the packages." "See npm's words above; a proxy or a registry of your own is set in your .npmrc."
}

# install_packages <what the stamp shall say>
install_packages() {
  bounded_npm ci || return
  echo "$1" >"$packages_stamp"
}

# bounded_npm <arguments...>: no install scripts; a download waits one minute for an answer, then two more times.
bounded_npm() {
  npm "$@" --ignore-scripts --no-audit --no-fund \
    --fetch-timeout=60000 --fetch-retries=2 --fetch-retry-maxtimeout=20000
}
