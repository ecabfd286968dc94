#!/usr/bin/env bash
# Runs on the machine: does the store have this path?
[[ -e ${NIXHERD_ROOT:-}$1 ]]
