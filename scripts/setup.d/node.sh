# shellcheck shell=bash
# Sourced by scripts/setup. Node: the one on PATH if it is new enough, else an npm package, else the official release.

# minimum_node: the oldest Node that package.json allows, such as 24.12.
minimum_node() {
  sed -n 's/.*"node": ">=\([0-9.]*\)".*/\1/p' package.json
}

node_is_new_enough() {
  local version
  version=$(node --version 2>/dev/null) && version_at_least "$version" "$(minimum_node)"
}

ensure_node() {
  node_is_new_enough && return
  local version sha256 package
  say node "$(node_shortcoming); installing one into .tools/"
  if command -v npm >/dev/null && read -r version sha256 package < <(pinned node-package); then
    attempt node "npm package $package@$version" node_from_package "$package@$version" "$sha256" && return
  fi
  if read -r version sha256 _ < <(pinned node-release); then
    attempt node "official release $version" node_from_release && return
  fi
  fail "Node $(minimum_node) or newer could not be installed." \
    "Install Node from your system or from nodejs.org, then run scripts/setup again."
}

node_shortcoming() {
  if command -v node >/dev/null; then
    echo "Node $(node --version) at $(command -v node) is older than $(minimum_node)"
  else
    echo "no Node on PATH"
  fi
}

# node_from_package <name@version> <sha256 of bin/node>
node_from_package() {
  rm -rf .tools/node
  bounded_npm install --prefix .tools "$1" || return
  check_sha256 ".tools/node_modules/${1%@*}/bin/node" "$2" || return
  node_is_new_enough
}

node_from_release() {
  local folder
  folder=$(mktemp -d .tools/node-download.XXXXXX) || return
  if fetch_archive node-release "$folder"; then
    rm -rf .tools/node .tools/node_modules
    mv "$folder"/node-v* .tools/node
  fi
  rm -rf "$folder"
  node_is_new_enough
}
