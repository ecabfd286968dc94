#!/usr/bin/env bash
# Makes a template of a NixOS image on a Proxmox VE node: the base that packer/ clones, or a golden template as it is.
# On the node itself, or from another computer with --host, over ssh. For a qcow2 without any shell on a node there is
# `nixherd template import`.
#
# Usage: import-cloud-image.sh --vmid N --storage S --sha256 HEX [options] IMAGE
#   IMAGE               a file, or an http(s) URL; .vma, .vma.zst, .vma.gz, .vma.lzo, .qcow2, .img or .raw
#   --vmid N            VMID of the template; must be free on the whole cluster
#   --storage S         storage of its disks
#   --sha256 HEX        checksum of IMAGE; without one nothing is taken
#   --name NAME         default: nixos-base
#   --size-gib N        size of the root disk; default: 16, since a rebuild needs more room than an image has
#   --bridge B          default: vmbr0
#   --replace-template  remove what has the VMID first, if that is a template
#   --host USER@NODE    the node, as ssh knows it
#
# Can be run again after an interruption: what it left is removed, what it downloaded and is whole is used.
# Exit codes: 0 done, 1 failed, 2 wrong usage, 3 wrong checksum, 4 VMID taken, 5 storage missing.
set -euo pipefail

ENDINGS='\.(vma|vma\.zst|vma\.gz|vma\.lzo|qcow2|img|raw)$'
VMID='' STORAGE='' SHA256='' NAME=nixos-base SIZE_GIB=16 BRIDGE=vmbr0 REPLACE=0 HOST='' IMAGE=''

main() {
  parse "$@"
  check_options
  local scripts words=("$VMID" "$STORAGE" "$SHA256" "$NAME" "$SIZE_GIB" "$BRIDGE" "$REPLACE" "$(ending)")
  scripts=$(dirname "${BASH_SOURCE[0]}")/import-cloud-image.d
  if [[ -z $HOST ]]; then
    cat "$scripts/machine.sh" "$scripts/on-node.sh" | bash -s -- "${words[@]}" "$IMAGE"
    exit
  fi
  [[ $IMAGE == http*://* ]] || send_image
  # The shell of the node splits what it gets: check_options left nothing in the words that it could split.
  cat "$scripts/machine.sh" "$scripts/on-node.sh" | ssh "$HOST" bash -s -- "${words[@]}" "$(printf '%q' "$IMAGE")"
}

parse() {
  local name
  while (($# > 0)); do
    case $1 in
      --vmid | --storage | --sha256 | --name | --size-gib | --bridge | --host)
        (($# > 1)) || refuse "$1 needs a value"
        name=${1#--}
        name=${name^^}
        printf -v "${name//-/_}" '%s' "$2"
        shift
        ;;
      --replace-template) REPLACE=1 ;;
      --help) usage ;;
      -*) refuse "unknown option $1" ;;
      *) IMAGE=$1 ;;
    esac
    shift
  done
}

check_options() {
  [[ -n $IMAGE ]] || refuse "no image given"
  [[ $VMID =~ ^[1-9][0-9]{2,8}$ ]] || refuse "--vmid is a number from 100 to 999999999"
  [[ $SHA256 =~ ^[0-9a-fA-F]{64}$ ]] || refuse "--sha256 is needed: 64 hexadecimal digits, from the image's source"
  [[ $STORAGE =~ ^[A-Za-z][A-Za-z0-9._-]*$ ]] || refuse "--storage is the name of a storage"
  [[ $NAME =~ ^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$ ]] || refuse "--name is a DNS name"
  [[ $SIZE_GIB =~ ^[1-9][0-9]{0,4}$ ]] || refuse "--size-gib is a number"
  [[ $BRIDGE =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]*$ ]] || refuse "--bridge is the name of a bridge"
  [[ $IMAGE =~ $ENDINGS ]] || refuse "what kind of image is $IMAGE?"
  [[ $HOST != -* ]] || refuse "--host is a host"
  SHA256=${SHA256,,}
  [[ $IMAGE == http*://* || -r $IMAGE ]] || refuse "$IMAGE cannot be read"
}

# send_image: the file goes to where the node looks for it; one that is there already, and whole, is not sent again.
send_image() {
  local folder=/var/tmp/nixherd-import target
  target=$folder/$SHA256.$(ending)
  # Expanded here, on purpose: the node knows none of these variables.
  # shellcheck disable=SC2029
  if ! ssh "$HOST" "echo '$SHA256  $target' | sha256sum --check --status" 2>/dev/null; then
    ssh "$HOST" "mkdir -p $folder && cat >'$target.part' && mv '$target.part' '$target'" <"$IMAGE"
  fi
  IMAGE=$target
}

ending() {
  [[ $IMAGE =~ $ENDINGS ]]
  echo "${BASH_REMATCH[1]}"
}

usage() {
  sed -n '2,/^set -/{/^set -/!s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
  exit 0
}

refuse() {
  echo "import-cloud-image: $1 (--help shows the usage)" >&2
  exit 2
}

main "$@"
