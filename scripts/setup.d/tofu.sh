# shellcheck shell=bash
# Sourced by scripts/setup. OpenTofu or Terraform: the one at hand if it is new enough, else OpenTofu is installed.

# Go downloads without a deadline of its own; a cold build takes 3 to 5 minutes on 2 cores.
readonly go_deadline_seconds=1500

# terraform_version <binary>: such as "OpenTofu 1.12.6"; fails when it is neither of the two.
terraform_version() {
  CHECKPOINT_DISABLE=1 "$1" version 2>/dev/null | sed -nE 's/^(OpenTofu|Terraform) v([^ ]+).*/\1 \2/p' | grep .
}

# terraform_problem <binary>: why it cannot be used; fails when nothing is wrong with it.
terraform_problem() {
  local product version minimum=1.9
  command -v "$1" >/dev/null || { echo "there is no $1 on PATH" && return; }
  read -r product version < <(terraform_version "$1") ||
    { echo "$(command -v "$1") says no version of OpenTofu or Terraform" && return; }
  [[ $product == OpenTofu ]] && minimum=1.8
  version_at_least "$version" "$minimum" && return 1
  echo "$product $version at $(command -v "$1") is older than $minimum"
}

# ensure_terraform [--with-tofu]: as nixherd does, the first that is found counts, even if it is too old and another is not.
ensure_terraform() {
  local named=${TERRAFORM_BINARY_NAME:-} candidate=tofu problem
  if [[ -n $named ]] && problem=$(terraform_problem "$named"); then
    fail "TERRAFORM_BINARY_NAME names $named: $problem." "Name a newer one, or unset TERRAFORM_BINARY_NAME."
  fi
  if [[ ${1:-} != --with-tofu ]]; then
    [[ -z $named ]] || return 0
    command -v tofu >/dev/null || candidate=terraform
  fi
  problem=$(terraform_problem "$candidate") || return 0
  say tofu "$problem; installing OpenTofu into .tools/bin/"
  install_tofu
}

install_tofu() {
  local version
  if read -r version _ < <(pinned tofu-release); then
    attempt tofu "official release $version" tofu_from_release && return
  fi
  if command -v go >/dev/null; then
    attempt tofu "built by Go from tools/tofu, minutes the first time" tofu_from_go && return
  fi
  fail "OpenTofu could be neither downloaded nor built." \
    "Install OpenTofu >= 1.8 or Terraform >= 1.9 from your system, or Go and a network, then run scripts/setup again."
}

tofu_from_release() {
  local folder code=0
  folder=$(mktemp -d .tools/tofu-download.XXXXXX) || return
  fetch_archive tofu-release "$folder" && mv "$folder/tofu" .tools/bin/tofu || code=$?
  rm -rf "$folder"
  return "$code"
}

tofu_from_go() {
  local flags='-s -w -X github.com/opentofu/opentofu/version.dev=no'
  CGO_ENABLED=0 within "$go_deadline_seconds" \
    go build -C tools/tofu -trimpath -ldflags "$flags" -o "$PWD/.tools/bin/tofu" github.com/opentofu/opentofu/cmd/tofu
}
