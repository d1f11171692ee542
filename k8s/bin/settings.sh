# shellcheck shell=bash
# The settings. From the lowest to the highest: those of every overlay (k8s/settings),
# the overlay's settings.env, k8s/local.env, and the environment, which has the
# variables of make's command line.
# shellcheck disable=SC2034,SC2154 # common.sh sets k8s, and sources this file

local_env=${LOCAL_ENV-$k8s/local.env}
# The names that k8s/local.env may set beside the keys of settings.
options=(OVERLAY REGISTRY TAG PLATFORMS WITH WITHOUT LEAVE)
declare -A setting_values=() setting_sources=()

# read_settings FILE SOURCE
read_settings() {
  local line key
  [[ -f $1 ]] || return 0
  while IFS= read -r line || [[ -n $line ]]; do
    key=${line%%=*}
    [[ $line == *=* && $key =~ ^[A-Z][A-Z0-9_]*$ ]] || continue
    setting_values[$key]=${line#*=} setting_sources[$key]=$2
  done <"$1"
}

# from_environment KEY: true if the environment sets KEY. PLATFORM comes from files
# only: image build tools set a variable of this name to an architecture.
from_environment() { [[ $1 != PLATFORM && -n ${!1+set} && ${!1@a} == *x* ]]; }

# setting KEY: its value, empty if nothing sets it.
setting() {
  if [[ $1 == STABLE_WEIGHT ]]; then
    # What CANARY_WEIGHT leaves; check_settings checks that it is a number.
    local canary
    canary=$(setting CANARY_WEIGHT)
    [[ ! $canary =~ ^[0-9]+$ ]] || echo $((100 - 10#$canary))
  elif from_environment "$1"; then printf '%s\n' "${!1}"; else printf '%s\n' "${setting_values[$1]-}"; fi
}

# setting_source KEY: `overlay`, `k8s/local.env` or `environment`.
setting_source() {
  if from_environment "$1"; then echo environment; else echo "${setting_sources[$1]-overlay}"; fi
}

# keys_of COMPONENT: the keys that it and its parts read.
keys_of() {
  local file=$k8s/components/$1/kustomization.yaml part
  sed -n 's/^ *fieldPath: data\.//p' "$file"
  while read -r part; do keys_of "$part"; done < <(listed "$file")
}

# keys_in FILE...: the keys that settings files set.
keys_in() { sed -n 's/^\([A-Z][A-Z0-9_]*\)=.*/\1/p' "$@"; }

# The keys of this overlay: its own, those of every overlay, and those that the
# components of WITH read.
settings_keys() {
  local name
  {
    keys_in "$k8s/overlays/$OVERLAY/settings.env" "$k8s/settings/settings.env"
    while read -r name; do keys_of "$name"; done < <(words WITH)
  } | sort -u
}

# is_default KEY: true if its value is the one of k8s/settings.
is_default() { grep -qxF "$1=$(setting "$1")" "$k8s/settings/settings.env"; }

# Replaces the gateway's names, which the manifests and the values of platform/ spell
# out. The replacements use marks, because one name can be part of another.
gateway_names() {
  local namespace=$'\x01' name=$'\x02'
  sed -E "s/(^|[^A-Za-z0-9-])istio-ingress([^A-Za-z0-9-]|\$)/\1$namespace\2/g
    s/istio-ingressgateway/$name/g
    s/^( *istio: )ingressgateway\$/\1$(setting GATEWAY_LABEL)/
    s/$namespace/$(setting GATEWAY_NAMESPACE)/g; s/$name/$(setting GATEWAY_NAME)/g"
}

# Only a setting whose default is empty may be empty.
may_be_empty() { [[ $1 == PLATFORM ]] || grep -qx "$1=" "$k8s/settings/settings.env"; }

check_local_env() {
  local line key known number=0
  [[ -f $local_env ]] || return 0
  known=" ${options[*]} $(keys_in "$k8s"/settings/settings.env "$k8s"/overlays/*/settings.env | tr '\n' ' ')"
  known+=" $(sed -n 's/^ *fieldPath: data\.//p' "$k8s"/components/*/kustomization.yaml | tr '\n' ' ')"
  while IFS= read -r line || [[ -n $line ]]; do
    ((number += 1))
    [[ -n $line && $line != "#"* ]] || continue
    [[ $line =~ ^[A-Z][A-Z0-9_]*= ]] || fail "line $number of k8s/local.env is not KEY=value: $line"
    [[ $line != *=[\"\']* ]] || fail "line $number of k8s/local.env has quotes, which would be part of the value; remove them: $line"
    key=${line%%=*}
    [[ $known == *" $key "* ]] || fail "nothing reads $key, which line $number of k8s/local.env sets; settings.env of the overlays has the keys"
  done <"$local_env"
}

# check_number KEY REGEX WHAT
check_number() { [[ $(setting "$1") =~ ^$2$ ]] || fail "$1 \"$(setting "$1")\" is not $3"; }

check_numbers() {
  local key
  for key in CANARY_WEIGHT CANARY_MIRROR_PERCENT; do check_number "$key" '([0-9]|[1-9][0-9]|100)' "a percentage; use a number from 0 to 100"; done
  for key in MIN_REPLICAS MAX_REPLICAS RATE_LIMIT RATE_LIMIT_BURST; do check_number "$key" '[1-9][0-9]{0,8}' "a number; use one such as 10"; done
  check_number FAULT_DELAY '[0-9]+(ms|s|m)' "a duration; use one such as 2s"
  (($(setting MIN_REPLICAS) <= $(setting MAX_REPLICAS))) || fail "MAX_REPLICAS is below MIN_REPLICAS; raise it, or lower MIN_REPLICAS"
  (($(setting RATE_LIMIT) <= $(setting RATE_LIMIT_BURST))) || fail "RATE_LIMIT_BURST is below RATE_LIMIT, which it would cap; raise it too"
}

# Rejects invalid settings before any change.
check_settings() {
  local key value
  [[ $OVERLAY =~ ^[a-z0-9-]+$ && -f $k8s/overlays/$OVERLAY/kustomization.yaml ]] ||
    fail "there is no overlay \"$OVERLAY\"; OVERLAY is one of: $(overlays)"
  check_local_env
  component_names=$(component_list) || exit 1
  for key in $(settings_keys); do
    value=$(setting "$key")
    [[ -n $value ]] || may_be_empty "$key" ||
      fail "$key is empty; set it in k8s/local.env, or with $key=... after the make target"
    [[ $value =~ ^[^[:space:]]*$ ]] || fail "$key has a space or a line break in it; remove it: \"$value\""
  done
  for key in GATEWAY_NAMESPACE GATEWAY_NAME GATEWAY_LABEL; do
    [[ $(setting "$key") =~ ^[a-z0-9]([a-z0-9-]*[a-z0-9])?$ ]] || fail "$key \"$(setting "$key")\" is not a name of Kubernetes; use lower-case letters, digits and -"
  done
  [[ $(setting DOMAIN) =~ ^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$ ]] ||
    fail "DOMAIN \"$(setting DOMAIN)\" is not a lower-case host name; use one such as hello.example.org"
  [[ $(setting REGISTRY) =~ ^[a-z0-9./:_-]*$ ]] ||
    fail "REGISTRY \"$(setting REGISTRY)\" is not a valid image prefix; use one such as registry.example.org/hello"
  for key in TAG CANARY_TAG; do
    [[ $(setting "$key") =~ ^[A-Za-z0-9_.-]*$ ]] || fail "$key \"$(setting "$key")\" is not a valid image tag; use one such as 1.2.3"
  done
  check_numbers
  case $(issuer) in
  "" | production | staging) ;;
  *) fail "ISSUER \"$(setting ISSUER)\" is not an environment of Let's Encrypt; use production or staging" ;;
  esac
}

read_settings "$k8s/settings/settings.env" overlay
read_settings "$local_env" k8s/local.env
OVERLAY=$(setting OVERLAY)
[[ -n $OVERLAY ]] || from_environment OVERLAY || OVERLAY=kind
# Again, because k8s/local.env comes before the overlay.
if [[ $OVERLAY =~ ^[a-z0-9-]+$ ]]; then
  read_settings "$k8s/overlays/$OVERLAY/settings.env" overlay
  read_settings "$local_env" k8s/local.env
fi
