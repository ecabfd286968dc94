# shellcheck shell=bash
# Sourced by scripts/setup. Machines with a kernel and a clock of their own, for what the guest lab's namespaces cannot show.

readonly qemu_deadline_seconds=600

# ensure_qemu: they stand on the guest lab's base. Says why where they cannot be; their tests are skipped there, and say so too.
ensure_qemu() {
  local lab_base base problem
  if problem=$(guest_lab_problem); then
    say qemu "not here: $problem"
    return
  fi
  ensure_guest_lab
  read -r lab_base base < <(node test/guest-lab/kernel/kernel-base.ts)
  has_qemu ||
    step qemu "apt-get install qemu-system-x86 qemu-utils fdisk" within "$qemu_deadline_seconds" apt_install qemu-system-x86 qemu-utils fdisk ||
    fail "apt could not install QEMU." "See its words above, then run scripts/setup --with-qemu again."
  [[ -d $base ]] ||
    step qemu "Debian 13 with a kernel, GRUB and the guest agent" within "$qemu_deadline_seconds" make_kernel_base "$lab_base" "$base" ||
    fail "The root file system of machines with a kernel could not be made." "See apt's words above, then run scripts/setup --with-qemu again."
}

has_qemu() {
  command -v qemu-system-x86_64 && command -v qemu-img && command -v sfdisk
} >/dev/null

# make_kernel_base <base of the guest lab> <folder>: bases of older scripts go.
make_kernel_base() {
  rm -rf "$(dirname "$2")"
  test/guest-lab/kernel/make-base.sh "$1" "$2"
}
