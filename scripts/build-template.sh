#!/usr/bin/env bash
# Short for `nixherd template build`, for whoever looks for it among the scripts. Arguments and exit codes are its own.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/path.sh
source "$root/scripts/lib/path.sh"
exec node "$root/cli/nixherd.js" template build "$@"
