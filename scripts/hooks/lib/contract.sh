#!/usr/bin/env bash
# The environment that the hook is given: completed with its defaults, refused where it makes no sense.

# Days and hours in UTC, such as "sat,sun 02:00-04:30"; without days it is every day's.
REBOOT_WINDOW='((mon|tue|wed|thu|fri|sat|sun)(,(mon|tue|wed|thu|fri|sat|sun))* )?([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]'

# read_contract: leaves every NIXHERD_ variable of the contract set and exported.
read_contract() {
  require NIXHERD_VM_ID '^[1-9][0-9]{2,8}$'
  : "${NIXHERD_VM_NAME:=vm-$NIXHERD_VM_ID}" "${NIXHERD_STACK:=by-hand}"
  require NIXHERD_VM_NAME '^[A-Za-z0-9][A-Za-z0-9.-]*$'
  require NIXHERD_STACK '^[A-Za-z0-9][A-Za-z0-9._-]*$'
  : "${NIXHERD_NODE:=}" "${NIXHERD_ADDRESS:=}" "${NIXHERD_SSH_CONFIG:=}" "${NIXHERD_SYSTEM:=}"
  : "${NIXHERD_SSH_USER:=root}" "${NIXHERD_FLAKE:=.}" "${NIXHERD_ATTRIBUTE:=$NIXHERD_VM_NAME}"
  : "${NIXHERD_BUILD_ON:=auto}" "${NIXHERD_ACTION:=switch}" "${NIXHERD_DEADLINE_SECONDS:=900}"
  : "${NIXHERD_ACTIVATION:=confirmed}" "${NIXHERD_CONFIRM_SECONDS:=300}" "${NIXHERD_ROLLBACK_SECONDS:=120}"
  : "${NIXHERD_DEGRADED:=rollback}" "${NIXHERD_REBOOT:=never}" "${NIXHERD_RESET_WHEN_LOST:=false}"
  : "${NIXHERD_HEALTH:=[]}" "${NIXHERD_POST_APPLY:=[]}" "${NIXHERD_AGENT:=true}" "${NIXHERD_NIXOS:=true}"
  : "${PROXMOX_VE_ENDPOINT:=${NIXHERD_PROXMOX_ENDPOINT:-}}"
  # The post-apply scripts get all of it, with what the hook found out.
  export "${!NIXHERD_@}" PROXMOX_VE_ENDPOINT
  require NIXHERD_SSH_USER '^[a-z_][a-z0-9_.-]*$'
  require NIXHERD_ADDRESS '^([0-9A-Fa-f:.]+)?$'
  require NIXHERD_ATTRIBUTE "^[A-Za-z0-9_][A-Za-z0-9_.'-]*$"
  require NIXHERD_SYSTEM '^(/nix/store/[0-9a-z]{32}-[^/[:space:]]+)?$'
  require NIXHERD_BUILD_ON '^(auto|local|target|ssh://([a-z_][a-z0-9_.-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*)$'
  require NIXHERD_ACTION '^(switch|boot|test)$'
  require NIXHERD_DEADLINE_SECONDS '^[1-9][0-9]{0,5}$'
  require NIXHERD_ACTIVATION '^(confirmed|nixos-rebuild)$'
  require NIXHERD_CONFIRM_SECONDS '^[1-9][0-9]{0,4}$'
  require NIXHERD_ROLLBACK_SECONDS '^[1-9][0-9]{0,4}$'
  require NIXHERD_DEGRADED '^(keep|rollback)$'
  require NIXHERD_REBOOT "^(never|always|$REBOOT_WINDOW)\$"
  require NIXHERD_RESET_WHEN_LOST '^(true|false)$'
  require NIXHERD_AGENT '^(true|false)$'
  require NIXHERD_NIXOS '^(true|false)$'
}

# require NAME PATTERN: the variable NAME matches PATTERN.
require() {
  local value=${!1:-}
  [[ $value =~ $2 ]] && return 0
  : "${NIXHERD_VM_NAME:=machine}" "${NIXHERD_VM_ID:=?}"
  fail 2 "$1 is '$value', which does not match $2" "Set it as the head of scripts/hooks/post-apply.sh describes"
}

# json COMMAND <JSON: the few questions that the hook asks of JSON; see json.mjs.
json() {
  local node=node
  command -v node >/dev/null || node=.tools/node_modules/.bin/node
  command -v "$node" >/dev/null || fail 2 "node is not on PATH" "Run scripts/setup, or install Node"
  "$node" "$HOOK_DIR/lib/json.mjs" "$1"
}
