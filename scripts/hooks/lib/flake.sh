#!/usr/bin/env bash
# The flake that the machine's system is built from: a folder, or a URL that nix fetches by itself.

# flake_reference FOLDER_OR_URL: what nix is given; a folder must not look like a name of the flake registry.
flake_reference() {
  if [[ -d $1 ]]; then (cd "$1" && pwd); else echo "$1"; fi
}

# pack_flake FOLDER: into flake.tar, the files that git tracks; outside git everything that is source.
pack_flake() {
  local leave_out=(.git .nixherd .tools .terraform node_modules cdktf.out coverage '*.tfstate' '*.tfstate.*')
  if git -C "$1" rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    tracked_files "$1" | COPYFILE_DISABLE=1 tar -C "$1" --null -T - -cf "$SCRATCH/flake.tar"
  else
    COPYFILE_DISABLE=1 tar -C "$1" "${leave_out[@]/#/--exclude=}" -cf "$SCRATCH/flake.tar" .
  fi
}

# pack_flake_or_url: a folder goes into flake.tar; a URL is printed, and flake.tar is empty.
pack_flake_or_url() {
  : >"$SCRATCH/flake.tar"
  if [[ -d $NIXHERD_FLAKE ]]; then pack_flake "$NIXHERD_FLAKE"; else echo "$NIXHERD_FLAKE"; fi
}

# tracked_files FOLDER: those that are there, each ended by a zero byte.
tracked_files() {
  git -C "$1" ls-files -z | while IFS= read -r -d '' file; do
    [[ ! -e $1/$file && ! -L $1/$file ]] || printf '%s\0' "$file"
  done
}

# untracked_sources: files that a flake in a git repository would need, and does not see.
untracked_sources() {
  [[ ! -d $NIXHERD_FLAKE ]] || git -C "$NIXHERD_FLAKE" ls-files --others --exclude-standard -- '*.nix' vm-specs 2>/dev/null || true
}
