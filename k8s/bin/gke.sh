# shellcheck shell=bash
# What Google Kubernetes Engine says about a cluster. Sourced after common.sh.
# shellcheck disable=SC2034,SC2154 # shared with the scripts that source this file

# The service account that programs use to pass Identity-Aware Proxy.
iap_caller() { printf '%s-caller@%s.iam.gserviceaccount.com\n' "$(setting GKE_CLUSTER)" "$(setting GCP_PROJECT)"; }

gke_overlays() { (cd "$k8s/overlays" && echo gke*); }

webhook_rule_name() { printf '%s-istio-webhook\n' "${cluster:-$(setting GKE_CLUSTER)}"; }

# read_cluster PROJECT LOCATION NAME: sets `autopilot` and `net_admin` (True or
# empty), and `webhook_rule`, the flags of a firewall rule that lets the control plane
# reach istiod's webhook. It is empty where none is needed: GKE makes a rule of its
# own, for the ports 443 and 10250, only where the control plane reaches the nodes
# through the VPC network.
read_cluster() {
  local network ranges tags allowed rows
  IFS='|' read -r autopilot net_admin < <(gcloud container clusters describe "$3" --location="$2" --project="$1" \
    --format='value[separator="|"](autopilot.enabled,autopilot.workloadPolicyConfig.allowNetAdmin)') ||
    fail "gcloud cannot read the cluster $3; its error is above"
  rows=$(gcloud compute firewall-rules list --project="$1" --filter="name~^gke-$3-[0-9a-z]+-master$" \
    --format='value[separator="|"](network.basename(),sourceRanges.list(),targetTags.list(),allowed[].map().firewall_rule().list())') ||
    fail "gcloud cannot list the firewall rules of $1; its error is above"
  webhook_rule=()
  IFS='|' read -r network ranges tags allowed <<<"$rows"
  [[ -n $network && $allowed != *15017* ]] || return 0
  webhook_rule=(--network="$network" --direction=INGRESS --source-ranges="$ranges" --target-tags="$tags" --allow=tcp:15017)
}
