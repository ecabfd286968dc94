# shellcheck shell=bash
# Sourced by scripts/setup. Fetches what scripts/setup.d/pinned.txt lists, and nothing that differs from it.

# platform: this machine in Node's words, such as linux-x64.
platform() {
  local machine
  machine=$(uname -m)
  case $machine in
    x86_64 | amd64) machine=x64 ;;
    aarch64) machine=arm64 ;;
  esac
  echo "$(uname -s | tr '[:upper:]' '[:lower:]')-$machine"
}

# pinned <route>: the table's "version sha256 from" for this machine; fails when there is no such row.
pinned() {
  awk -v route="$1" -v platform="$(platform)" \
    '$1 == route && $3 == platform { print $2, $4, $5; found = 1 } END { exit !found }' scripts/setup.d/pinned.txt
}

sha256_of() {
  if command -v sha256sum >/dev/null; then
    sha256sum "$1"
  else
    shasum -a 256 "$1"
  fi | cut -d' ' -f1
}

# check_sha256 <file> <sha256>: removes a file that differs, says so and fails.
check_sha256() {
  local got
  got=$(sha256_of "$1")
  [[ $got == "$2" ]] && return
  rm -f "$1"
  echo "$1 was removed: its SHA-256 is $got, expected $2"
  return 1
}

# fetch_archive <route> <folder>: the pinned .tar.gz, checked, unpacked into the folder.
# At most 3 tries, 10 s to connect, 5 minutes in all for each.
fetch_archive() {
  local sha256 from
  read -r _ sha256 from < <(pinned "$1") || return 1
  curl --fail --silent --show-error --location --proto '=https,file' --proto-redir '=https' \
    --connect-timeout 10 --max-time 300 --retry 2 --retry-delay 2 --retry-max-time 600 \
    --output "$2/archive.tar.gz" "$from" || return
  check_sha256 "$2/archive.tar.gz" "$sha256" || return
  tar -xzf "$2/archive.tar.gz" -C "$2"
}
