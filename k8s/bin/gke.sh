# shellcheck shell=bash
# What Google Kubernetes Engine says about a cluster. Sourced after common.sh.
# shellcheck disable=SC2034,SC2154 # shared with the scripts that source this file

# The service account that programs use to pass Identity-Aware Proxy.
iap_caller() { printf '%s-caller@%s.iam.gserviceaccount.com\n' "$(setting GKE_CLUSTER)" "$(setting GCP_PROJECT)"; }

gke_overlays() { (cd "$k8s/overlays" && echo gke*); }

webhook_rule_name() { printf '%s-istio-webhook\n' "${cluster:-$(setting GKE_CLUSTER)}"; }

# The command that stores the secret of the OAuth client of Identity-Aware Proxy.
iap_secret_command() { printf "kubectl -n %s create secret generic iap-oauth --from-literal=key='<client secret>'\n" "$(setting GATEWAY_NAMESPACE)"; }

# read_cluster PROJECT LOCATION NAME: sets `autopilot` and `net_admin` (True or
# empty), `network_project`, which differs from PROJECT with a Shared VPC, and
# `webhook_rule`, the flags of a firewall rule that lets the control plane reach istiod's
# webhook. It is empty where none is needed: GKE makes a rule of its own, for the ports
# 443 and 10250, only where the control plane reaches the nodes through the VPC network.
read_cluster() {
  local path network ranges tags allowed rows
  IFS='|' read -r autopilot net_admin path < <(gcloud container clusters describe "$3" --location="$2" --project="$1" \
    --format='value[separator="|"](autopilot.enabled,autopilot.workloadPolicyConfig.allowNetAdmin,networkConfig.network)') ||
    fail "gcloud cannot read the cluster $3; its error is above"
  webhook_rule=() network_project=$1
  [[ ! $path =~ ^projects/([^/]+)/ ]] || network_project=${BASH_REMATCH[1]}
  # Who deploys may have no right to list them.
  rows=$(gcloud compute firewall-rules list --project="$network_project" --filter="name~^gke-$3-[0-9a-z]+-master$" \
    --format='value[separator="|"](network.basename(),sourceRanges.list(),targetTags.list(),allowed[].map().firewall_rule().list())') || {
    say "note: gcloud cannot list the firewall rules of $network_project, and private nodes are not checked; if $3 has some, its control plane must reach port 15017"
    return 0
  }
  IFS='|' read -r network ranges tags allowed <<<"$rows"
  if [[ -z $network ]] || allows_webhook "$allowed"; then return 0; fi
  webhook_rule=(--network="$network" --direction=INGRESS --source-ranges="$ranges" --target-tags="$tags" --allow=tcp:15017)
}

# allows_webhook LIST: true if what a firewall rule allows includes istiod's port, as in
# tcp:443,tcp:15000-16000.
allows_webhook() {
  local one ports
  for one in ${1//,/ }; do
    case $one in
    all | tcp) return 0 ;;
    tcp:*)
      ports=${one#tcp:}
      ((${ports%-*} > 15017 || ${ports#*-} < 15017)) || return 0
      ;;
    esac
  done
  return 1
}

# covers RANGE RANGE: true if the first range of IPv4 addresses has all of the second.
covers() {
  local range a b c d numbers=()
  if [[ $1$2 == *:* ]] || ((${1#*/} > ${2#*/})); then return 1; fi
  for range in "$@"; do
    IFS=. read -r a b c d <<<"${range%/*}"
    numbers+=($((((a << 24) + (b << 16) + (c << 8) + d) >> (32 - ${1#*/}))))
  done
  ((numbers[0] == numbers[1]))
}

# webhook_is_open: true if any firewall rule does what webhook_rule would: the rule
# default-allow-internal has the port, but not the addresses of the control plane.
webhook_is_open() {
  local wanted=${webhook_rule[2]#*=} target=${webhook_rule[3]#*=} direction disabled network ranges tags allowed range
  while IFS='|' read -r direction disabled network ranges tags allowed; do
    [[ $direction$disabled == INGRESSFalse && --network=$network == "${webhook_rule[0]}" ]] || continue
    [[ -z $tags || ,$tags, == *",$target,"* ]] || continue
    allows_webhook "$allowed" || continue
    for range in ${ranges//,/ }; do ! covers "$range" "$wanted" || return 0; done
  done < <(gcloud compute firewall-rules list --project="$network_project" \
    --format='value[separator="|"](direction,disabled,network.basename(),sourceRanges.list(),targetTags.list(),allowed[].map().firewall_rule().list())')
  return 1
}

webhook_rule_command() { printf 'gcloud compute firewall-rules create %s --project=%s %s\n' "$(webhook_rule_name)" "$network_project" "${webhook_rule[*]}"; }

# Refuses a cluster of the current context that rejects this deployment.
check_gke() {
  local autopilot net_admin webhook_rule network_project project region cluster
  is_google || return 0
  read -r project region cluster <<<"$(google_cluster)"
  if [[ -z $cluster ]] || ! command -v gcloud >/dev/null; then
    say "note: Autopilot and private nodes are not checked; that needs gcloud and the context of gcloud container clusters get-credentials"
    return
  fi
  read_cluster "$project" "$region" "$cluster"
  check_mode
  ((${#webhook_rule[@]} == 0)) || check_webhook_rule
}

# check_mode: GKE_MODE is that of the cluster.
check_mode() {
  if [[ $autopilot != True ]]; then
    ! has_variant autopilot || fail "the cluster $cluster is a standard cluster, and GKE_MODE is autopilot; set GKE_MODE=standard"
    return 0
  fi
  has_variant autopilot ||
    fail "the cluster $cluster is an Autopilot cluster, which rejects Istio's CNI plugin; write GKE_MODE=autopilot into k8s/local.env: istio-init then redirects the traffic of pods"
  [[ $net_admin == True ]] ||
    fail "the cluster $cluster rejects istio-init, which has NET_ADMIN; run gcloud container clusters update $cluster --location=$region --project=$project --workload-policies=allow-net-admin"
}

# The API server waits for istiod's webhook in vain, and no pod starts, if no firewall
# rule lets it through.
check_webhook_rule() {
  webhook_is_open ||
    refuse "the control plane of $cluster cannot reach istiod's webhook on its private nodes; run make gcp, or $(webhook_rule_command)"
}

# Before anything is applied: without its Secret, Google attaches no policy, and `edge`
# waits in vain.
check_iap_secret() {
  has_component gke-iap || return 0
  kubectl -n "$(setting GATEWAY_NAMESPACE)" get secret/iap-oauth -o name >/dev/null ||
    refuse "Identity-Aware Proxy needs the secret of its OAuth client, and there is none; run $(iap_secret_command)"
}
