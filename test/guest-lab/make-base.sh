#!/usr/bin/env bash
# Makes the root file system that the machines of the guest lab stand on: Debian 13 with systemd, sshd and Nix, from the
# mirror that apt of this computer uses. Needs root, mmdebstrap, and a computer that runs Debian.
# Usage: make-base.sh <folder>   leaves <folder>; one that is there is left as it is, whole or not at all
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
packages=nix-bin,nix-setup-systemd,openssh-server,systemd-sysv,dbus,sudo,iproute2,procps,curl,netcat-openbsd

main() {
  local folder=$1 mirror
  [[ ! -d $folder ]] || return 0
  mirror=$(mirror_of_apt)
  [[ -n $mirror ]] || { echo "apt knows no Debian mirror here (run apt-get update)" >&2 && return 1; }
  rm -rf "$folder.new"
  mmdebstrap --quiet --variant=minbase --include="$packages" --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook="$here/customize-base.sh \"\$1\"" trixie "$folder.new" "$mirror"
  mv "$folder.new" "$folder"
}

# mirror_of_apt: the first one that apt has a list of Debian's packages from.
mirror_of_apt() {
  # shellcheck disable=SC2016 # apt expands it
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' 'Origin: Debian' | head -n 1
}

main "$@"
