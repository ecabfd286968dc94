# shellcheck shell=bash
# Sourced by scripts/demo. The folder that the demo works in, and how it goes away.

copy=

# open_copy: makes a copy of the repository, without tests and documents, and works there from now on.
open_copy() {
  copy=$(mktemp -d "${TMPDIR:-/tmp}/nixherd-demo.XXXXXX")
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  list_files | tar --null -T - -cf - | tar -xf - -C "$copy"
  # As in a clone, a machine's system is made of the files that git tracks.
  git -C "$copy" init --quiet
  git -C "$copy" add --all
  ln -s "$PWD/.tools" "$PWD/node_modules" "$copy"
  cd "$copy" || exit
  node scripts/demo.d/forget-cluster.ts
}

# list_files: what git tracks or would track, each name ended by a zero byte.
list_files() {
  git ls-files -z --cached --others --exclude-standard -- . ':!test' ':!docs' ':!bench' |
    while IFS= read -r -d '' file; do
      [[ ! -e $file ]] || printf '%s\0' "$file"
    done
}

# clean_up: ends the cluster and removes the copy; a second Ctrl-C does not stop it.
clean_up() {
  trap '' INT TERM HUP
  cd "$copy" || exit
  npx nixherd embedded down </dev/null >embedded-down.log 2>&1 || cat embedded-down.log >&2
  cd / || exit
  rm -rf "$copy"
}

# keep_running: leaves everything as it is, and says how to end it.
keep_running() {
  trap - EXIT
  cat <<END

The cluster goes on. To use it:

  cd $copy
  source .nixherd/embedded/env
  npx nixherd new demo/web-2 && git add vm-specs
  npx cdktf deploy demo

To end it:

  (cd $copy && npx nixherd embedded down) && rm -rf $copy
END
}
