# shellcheck shell=bash
# The record of what `make gcp` made, and its removal. Sourced after gcp-things.sh.
# shellcheck disable=SC2034,SC2154 # shared with the scripts that source this file

# The record is a file for each project, cluster and overlay: other copies of this
# project must not remove what they did not make.
start_record() {
  local folder=${GCP_RECORDS:-$k8s/.gcp}
  record=$folder/$project.$region.$cluster.$OVERLAY
  $plan || mkdir -p "$folder"
}

# Removes what the record lists, the last first. APIs stay enabled: they cost nothing,
# and others may use them by now.
remove_all() {
  local things=() index
  [[ -s $record ]] || fail "there is no record of things that make gcp made for $OVERLAY in $project ($record); nothing was removed"
  check_no_load_balancer
  mapfile -t things <"$record"
  for ((index = ${#things[@]} - 1; index >= 0; index--)); do
    remove_thing "${things[index]}"
    printf '%s\n' "${things[@]:0:index}" >"$record"
  done
  rm "$record"
  say "removed what make gcp made for $OVERLAY in $project; the APIs stay enabled"
}

remove_thing() {
  local thing list key create delete within
  read -ra thing <<<"$1"
  exists "${thing[@]}" || return 0
  describe "${thing[@]}"
  run "${delete[@]}"
}

# Before anything is removed: a load balancer outlives the cluster that made it and costs
# money, and Google deletes no address and no map that one uses. In a cluster that stays,
# only those of the gateway's namespace are of this overlay.
check_no_load_balancer() {
  local context=gke_${project}_${region}_$cluster left
  if [[ ${FORCE-} == 1 ]] || ! grep -qE '^(cluster|address|map) ' "$record" || ! exists cluster "$region" "$cluster"; then return 0; fi
  left=$(kubectl --context="$context" get services --all-namespaces \
    -o 'jsonpath={range .items[?(@.spec.type=="LoadBalancer")]}service {.metadata.namespace}/{.metadata.name}{"\n"}{end}') ||
    fail "nobody knows whether the cluster $cluster has load balancers; run gcloud container clusters get-credentials $cluster --location=$region --project=$project, or set FORCE=1"
  left+=$'\n'$(kubectl --context="$context" get gateways.gateway.networking.k8s.io --all-namespaces \
    -o 'jsonpath={range .items[?(@.status.addresses)]}gateway {.metadata.namespace}/{.metadata.name}{"\n"}{end}' 2>/dev/null) || :
  grep -q '^cluster ' "$record" || left=$(grep -F " $(setting GATEWAY_NAMESPACE)/" <<<"$left" || :)
  left=$(grep . <<<"$left" | paste -sd, -) || return 0
  fail "the cluster $cluster still has load balancers: ${left//,/, }; nothing was removed; run make undeploy platform-remove OVERLAY=$OVERLAY first, or set FORCE=1"
}
