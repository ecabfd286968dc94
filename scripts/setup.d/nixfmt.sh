# shellcheck shell=bash
# Sourced by scripts/setup. The formatter of Nix files: nixfmt's style, by a program that cargo builds anywhere.

readonly nixfmt_version=0.5.3 nixfmt_deadline_seconds=600

# ensure_nixfmt: says where there can be none; scripts/check leaves the formatting of Nix files unchecked then, and says so too.
ensure_nixfmt() {
  [[ "$(.tools/bin/nixfmt --version 2>/dev/null)" != "nixfmt-rs $nixfmt_version" ]] || return 0
  if ! command -v cargo >/dev/null; then
    say nixfmt "not here: it is built by cargo, which is not on PATH"
    return
  fi
  step nixfmt "nixfmt-rs, built by cargo" within "$nixfmt_deadline_seconds" build_nixfmt ||
    fail "cargo could not build nixfmt-rs $nixfmt_version." "See its words above, then run scripts/setup --with-nixfmt again."
}

build_nixfmt() {
  cargo install --locked --force --root .tools --version "$nixfmt_version" nixfmt_rs
}
