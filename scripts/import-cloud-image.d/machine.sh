#!/usr/bin/env bash
# What import-cloud-image.sh does with qm on the node; on-node.sh comes behind it and sets the variables.
# shellcheck disable=SC2154

make_machine() {
  case $ENDING in
    vma*) qmrestore "$IMAGE" "$VMID" --storage "$STORAGE" --unique 1 ;;
    *)
      qm create "$VMID" --name "$NAME" --ostype l26 --cores 1 --memory 1024 --scsihw virtio-scsi-single
      qm set "$VMID" --virtio0 "$STORAGE:0,import-from=$IMAGE,discard=on,iothread=1"
      ;;
  esac
}

# root_slot: the first disk that is no drive for CDs.
root_slot() {
  qm config "$VMID" | sed -n '/media=cdrom/!s/^\(\(virtio\|scsi\|sata\|ide\)[0-9]*\):.*/\1/p' | head -n 1
}

# grow SLOT: to the wanted size, never smaller.
grow() {
  local size
  size=$(qm config "$VMID" | sed -n "s/^$1:.*size=\([0-9]*[KMGT]\).*/\1/p" | numfmt --from=iec)
  ((size >= SIZE_GIB * 1024 ** 3)) || qm resize "$VMID" "$1" "${SIZE_GIB}G"
}

# set_up SLOT: the cloud-init drive that an image brings names a storage that need not exist here: it is made anew.
set_up() {
  local old new=''
  for old in $(qm config "$VMID" | sed -n 's/^\([a-z]*[0-9]*\):.*cloudinit.*/\1/p'); do qm set "$VMID" --delete "$old"; done
  for new in ide2 ide0 sata5 scsi30 none; do
    qm config "$VMID" | grep -q "^$new:" || break
  done
  [[ $new != none ]] || fail 1 "no slot is free for the cloud-init drive"
  qm set "$VMID" --name "$NAME" --agent enabled=1 --serial0 socket --boot "order=$1" --onboot 0 --ciupgrade 0 \
    --net0 "virtio,bridge=$BRIDGE" --tags 'base;nixos' "--$new" "$STORAGE:cloudinit" \
    --description "NixOS base image, SHA-256 $SHA256"
}
