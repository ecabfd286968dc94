#!/usr/bin/env bash
# The part of import-cloud-image.sh that runs on the node, behind machine.sh. Arguments, checked already: VMID, storage, SHA-256, name, size
# of the root disk in GiB, bridge, 1 to replace a template, ending of the image's name, image (file or URL).
set -euo pipefail

# shellcheck disable=SC2034  # BRIDGE and SIZE_GIB are machine.sh's
VMID=$1 STORAGE=$2 SHA256=$3 NAME=$4 SIZE_GIB=$5 BRIDGE=$6 REPLACE=$7 ENDING=$8 IMAGE=$9
FOLDER=${NIXHERD_IMPORT_FOLDER:-/var/tmp/nixherd-import}
# Says, across a lost connection or a crash, that what has the VMID is an import that did not end.
UNFINISHED=$FOLDER/$VMID.unfinished

main() {
  mkdir -p "$FOLDER"
  pvesm status --storage "$STORAGE" >/dev/null 2>&1 || fail 5 "storage $STORAGE is not there, or not active"
  get_image
  echo "$SHA256  $IMAGE" | sha256sum --check --status || fail 3 "$IMAGE has not the SHA-256 $SHA256"
  remove_unfinished
  make_room
  trap 'give_up' EXIT
  trap 'exit 1' INT TERM HUP
  echo "$NAME" >"$UNFINISHED"
  make_machine
  local slot
  slot=$(root_slot)
  grow "$slot"
  set_up "$slot"
  qm template "$VMID"
  trap - EXIT
  rm -f "$UNFINISHED"
  [[ $IMAGE != "$FOLDER/"* ]] || rm -f "$IMAGE"
  echo "template $NAME ($VMID): root disk $slot, at least $SIZE_GIB GiB"
}

get_image() {
  [[ $IMAGE == http*://* ]] || return 0
  local url=$IMAGE
  IMAGE=$FOLDER/$SHA256.$ENDING
  # Whole from an earlier run, or downloaded to where a cut-off download does not look whole.
  if ! echo "$SHA256  $IMAGE" | sha256sum --check --status 2>/dev/null; then
    curl --fail --location --silent --show-error --retry 3 --output "$IMAGE.part" "$url"
    mv "$IMAGE.part" "$IMAGE"
  fi
}

# Only what an import of ours began, and never a template.
remove_unfinished() {
  [[ -e $UNFINISHED ]] || return 0
  if qm config "$VMID" >/dev/null 2>&1 && ! is_template; then
    echo "removing what an interrupted import left in $VMID" >&2
    qm unlock "$VMID" >/dev/null 2>&1 || true
    qm destroy "$VMID" --purge 1
  fi
  rm -f "$UNFINISHED"
}

# Asks the whole cluster: another node, or a container, may have the VMID.
make_room() {
  if pvesh get /cluster/nextid --vmid "$VMID" >/dev/null 2>&1; then return; fi
  is_template || fail 4 "VMID $VMID is taken by something that is no template of this node; it is left alone"
  ((REPLACE == 1)) || fail 4 "VMID $VMID is a template already; --replace-template removes it first"
  qm destroy "$VMID" --purge 1 || fail 4 "the template $VMID cannot be removed; linked clones may need it"
}

is_template() {
  qm config "$VMID" 2>/dev/null | grep -qx 'template: 1'
}

give_up() {
  echo "import-cloud-image: removing the unfinished $VMID" >&2
  if qm config "$VMID" >/dev/null 2>&1; then qm destroy "$VMID" --purge 1 || return 0; fi
  rm -f "$UNFINISHED"
}

fail() {
  echo "import-cloud-image: $2" >&2
  exit "$1"
}

# The script itself comes by standard input: nothing that it runs may read on.
main </dev/null
