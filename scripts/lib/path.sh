# shellcheck shell=bash
# Sourced by every script here, and by people: `source scripts/lib/path.sh`.
# Puts what scripts/setup installed first on PATH.

# zsh has no BASH_SOURCE; there $0 names the sourced file.
nixherd_root=$(cd "$(dirname "${BASH_SOURCE[0]:-$0}")/../.." && pwd)
PATH="$nixherd_root/.tools/bin:$nixherd_root/.tools/node/bin:$nixherd_root/.tools/node_modules/.bin:$nixherd_root/node_modules/.bin:$PATH"
export PATH
