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
  [[ ${thing[0]} != cluster ]] || check_no_load_balancer
  describe "${thing[@]}"
  run "${delete[@]}"
}

# A load balancer outlives the cluster that made it, and costs money.
check_no_load_balancer() {
  local context=gke_${project}_${region}_$cluster left
  [[ ${FORCE-} != 1 ]] || return 0
  left=$(kubectl --context="$context" get services --all-namespaces \
    -o 'jsonpath={range .items[?(@.spec.type=="LoadBalancer")]}service {.metadata.namespace}/{.metadata.name} {end}') ||
    fail "nobody knows whether the cluster $cluster has load balancers, which would outlive it; choose its context, or set FORCE=1"
  left+=$(kubectl --context="$context" get gateways.gateway.networking.k8s.io --all-namespaces \
    -o 'jsonpath={range .items[?(@.status.addresses)]}gateway {.metadata.namespace}/{.metadata.name} {end}' 2>/dev/null) || :
  [[ -z $left ]] ||
    fail "the cluster $cluster still has load balancers, which would outlive it: ${left% }; run make undeploy platform-remove OVERLAY=$OVERLAY first, or set FORCE=1"
}
