# shellcheck shell=bash
# Sourced by scripts/setup. The guest lab's base: a Debian root file system, for tests on machines with a real systemd.

readonly guest_lab_deadline_seconds=600

# ensure_guest_lab: says why where it cannot be; its tests are skipped there, and say so too.
ensure_guest_lab() {
  local base problem
  if problem=$(guest_lab_problem); then
    say guest-lab "not here: $problem"
    return
  fi
  base=$(node test/guest-lab/lab-base.ts)
  [[ ! -d $base ]] || return 0
  step guest-lab "apt-get install mmdebstrap nix-bin" within "$guest_lab_deadline_seconds" install_lab_tools ||
    fail "apt could not install what makes the guest lab." "See its words above, then run scripts/setup --with-guest-lab again."
  step guest-lab "Debian 13 with systemd, sshd and Nix, from apt's mirror" \
    within "$guest_lab_deadline_seconds" make_lab_base "$base" ||
    fail "The guest lab's root file system could not be made." "See mmdebstrap's words above, then run scripts/setup --with-guest-lab again."
}

# guest_lab_problem: why there can be no guest lab; fails when nothing stands against it.
guest_lab_problem() {
  if [[ $(uname -s) != Linux ]]; then
    echo "it needs Linux"
  elif ((EUID != 0)); then
    echo "it needs root"
  elif [[ ! -e /etc/debian_version ]] || ! command -v apt-get >/dev/null; then
    echo "it is installed with Debian's apt"
  elif ! grep -q ' cgroup2 ' /proc/self/mounts; then
    echo "it needs unified control groups (cgroup2)"
  elif ! unshare --mount --net --pid --fork true 2>/dev/null; then
    echo "it needs namespaces, which this computer does not let root make"
  else
    return 1
  fi
}

install_lab_tools() {
  local tools=() tool
  for tool in mmdebstrap:mmdebstrap nix-instantiate:nix-bin ip:iproute2; do
    command -v "${tool%:*}" >/dev/null || tools+=("${tool#*:}")
  done
  # mmdebstrap asks apt for its mirror, and apt knows it by the lists, even if nothing is missing.
  apt_install ${tools[@]+"${tools[@]}"}
}

# apt_install <package>...: with fresh lists.
apt_install() {
  apt-get update -o Acquire::Retries=3 || return
  (($# == 0)) ||
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends -o Acquire::Retries=3 "$@"
}

# make_lab_base <folder>: bases of older scripts go.
make_lab_base() {
  rm -rf "$(dirname "$1")"
  mkdir -p "$(dirname "$1")"
  test/guest-lab/make-base.sh "$1"
}
