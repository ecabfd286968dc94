#!/usr/bin/env bash
# The Proxmox API: the machine's guest agent and its reset button. The token goes to curl by standard input, never in argv.

# has_proxmox: can the API be asked at all?
has_proxmox() {
  [[ -n $PROXMOX_VE_ENDPOINT && -n ${PROXMOX_VE_API_TOKEN:-} && -n $NIXHERD_NODE ]]
}

# agent_get QUESTION: prints the API's answer to GET .../agent/QUESTION. On failure agent_reason tells why, and the exit
# code what to do: 1 ask again later, 2 asking again does not help.
agent_get() {
  local code=0 status
  api_request GET "agent/$1" || code=$?
  case $code in
    0) ;;
    # The server's certificate is not trusted, or there is no common TLS.
    35 | 51 | 58 | 60 | 77) return 2 ;;
    *) return 1 ;;
  esac
  status=$(sed -n '1s/^[^ ]* *//p' "$SCRATCH/agent-headers" | tr -d '\r')
  echo "HTTP $status" >"$SCRATCH/agent-error"
  case $status in
    200*) cat "$SCRATCH/agent-body" ;;
    *'No QEMU guest agent configured'*) return 2 ;;
    5*) return 1 ;;
    *) return 2 ;;
  esac
}

# agent_reason: why the last question has no answer.
agent_reason() {
  tail -n 1 "$SCRATCH/agent-error"
}

# reset_machine: presses the machine's reset button. On failure agent_reason tells why.
reset_machine() {
  local status
  api_request POST status/reset || return 1
  status=$(sed -n '1s/^[^ ]* *//p' "$SCRATCH/agent-headers" | tr -d '\r')
  echo "HTTP $status" >"$SCRATCH/agent-error"
  [[ $status == 200* ]]
}

# api_request METHOD PATH: one request about the machine; curl's exit code.
api_request() {
  local options=(--disable --config - --silent --show-error --http1.1 --connect-timeout 5 --max-time 20 --request "$1")
  options+=(--dump-header "$SCRATCH/agent-headers" --output "$SCRATCH/agent-body")
  [[ -z ${SSL_CERT_FILE:-} ]] || options+=(--cacert "$SSL_CERT_FILE")
  case ${PROXMOX_VE_INSECURE:-} in true | 1) options+=(--insecure) ;; esac
  api_curl_config "$2" | curl "${options[@]}" 2>"$SCRATCH/agent-error"
}

api_curl_config() {
  local base=${PROXMOX_VE_ENDPOINT%/}
  base=${base%/api2/json}
  printf 'url = "%s"\n' "$base/api2/json/nodes/$NIXHERD_NODE/qemu/$NIXHERD_VM_ID/$1"
  printf 'header = "Authorization: PVEAPIToken=%s"\n' "$PROXMOX_VE_API_TOKEN"
}
