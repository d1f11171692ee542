# shellcheck shell=bash
# The Helm releases of the platform: those of charts.txt for this cluster, without
# those of LEAVE.
# shellcheck disable=SC2034,SC2154 # scripts use our_label; common.sh sets charts

# Helm's label for releases that `make platform` installed.
our_label=installed-by=make-platform

# family RELEASE: the word for it in LEAVE.
family() {
  case $1 in
  istio* | ztunnel) echo istio ;;
  *) echo "$1" ;;
  esac
}

# chart_rows: the rows of charts.txt, with the gateway in the namespace of the settings.
chart_rows() {
  sed '/^#/d' "$charts" | awk -v space="$(setting GATEWAY_NAMESPACE)" '$3 == "gateway" { $2 = space } { print }'
}

# has_own_gateway: true if someone else installs the gateway, under names of their own.
has_own_gateway() { ! is_default GATEWAY_NAME || ! is_default GATEWAY_LABEL; }

# check_leave: fails if LEAVE has a word that is no release and no family.
check_leave() {
  local word known release
  known=" $(chart_rows | while read -r release _; do printf '%s %s ' "$release" "$(family "$release")"; done)"
  for word in $(words LEAVE); do
    [[ $known == *" $word "* ]] ||
      fail "LEAVE has \"$word\", which is no part of the platform; use istio, cert-manager or a release of k8s/platform/charts.txt"
  done
}

# releases: the rows of charts.txt to install, in this order.
releases() {
  local leave row release variant
  leave=,$(words LEAVE | tr '\n' ,)
  chart_rows | while read -r -a row; do
    release=${row[0]} variant=${row[5]}
    [[ $variant == all ]] || has_variant "$variant" || continue
    [[ $leave != *,"$release",* && $leave != *,"$(family "$release")",* ]] || continue
    # Autopilot rejects it: values/istiod-autopilot.yaml does without.
    [[ $release != istio-cni ]] || ! has_variant autopilot || continue
    [[ ${row[2]} != gateway ]] || ! has_own_gateway || continue
    printf '%s\n' "${row[*]}"
  done
}

# Without flags for states, Helm lists no release that an interrupted run left.
unfinished=(--pending --uninstalling)
every_state=(--deployed --failed "${unfinished[@]}")

# list_releases FLAG...: prints "release namespace" of what Helm has installed.
list_releases() {
  helm list --all-namespaces "$@" | awk 'NR > 1 { print $1, $2 }' ||
    fail "helm cannot list the releases; its error is above"
}

# list_ours: the releases with our label.
list_ours() { list_releases "${every_state[@]}" --selector "$our_label"; }
