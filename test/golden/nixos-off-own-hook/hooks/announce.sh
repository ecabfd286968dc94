#!/usr/bin/env bash
set -euo pipefail

printf '%s is ready\n' "$NIXHERD_VM_NAME"
