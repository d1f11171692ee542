# shellcheck shell=bash
# What each overlay needs in Google Cloud. Sourced after gcp-things.sh and gke.sh.
# shellcheck disable=SC2154 # the script that sources this file sets these variables

# What each overlay needs: the repository, the cluster, and the rights of its nodes and
# of its collector of traces.
make_common() {
  local node role
  pool=principal://iam.googleapis.com/projects/$number/locations/global/workloadIdentityPools/$project.svc.id.goog/subject
  make_repository
  node=serviceAccount:$(node_account)
  # The default account of nodes has no rights in organizations made since May 2024.
  ensure project-role "$project" roles/container.defaultNodeServiceAccount "$node"
  [[ -z $repository ]] || ensure repository-role "$location" "$repository" "$node"
  ensure cluster "$region" "$cluster"
  for role in roles/telemetry.tracesWriter roles/serviceusage.serviceUsageConsumer; do
    ensure project-role "$project" "$role" "$pool/ns/observability/sa/otel-collector"
  done
  make_firewall_rule
}

# The repository that REGISTRY names, if it is in Artifact Registry of this project.
make_repository() {
  location='' repository=''
  if [[ $registry =~ ^([a-z0-9-]+)-docker\.pkg\.dev/([^/]+)/([^/]+)(/.*)?$ && ${BASH_REMATCH[2]} == "$project" ]]; then
    location=${BASH_REMATCH[1]} repository=${BASH_REMATCH[3]}
    ensure repository "$location" "$repository"
    configure_docker "$location-docker.pkg.dev"
  else
    say "note: $registry is not in Artifact Registry of $project; the nodes must be able to read it"
  fi
}

configure_docker() {
  ! grep -qs "\"$1\": *\"gcloud\"" "${DOCKER_CONFIG:-$HOME/.docker}/config.json" || return 0
  run gcloud auth configure-docker "$1" --quiet
}

# The service account of the cluster's nodes.
node_account() {
  local account=
  if exists cluster "$region" "$cluster"; then
    account=$(gcloud container clusters describe "$cluster" --location="$region" --project="$project" \
      --format='value(nodeConfig.serviceAccount)') || fail "gcloud cannot read the cluster $cluster; its error is above"
  fi
  [[ -n $account && $account != default ]] || account=$number-compute@developer.gserviceaccount.com
  printf '%s\n' "$account"
}

# The control plane of private nodes reaches only the ports of GKE's own rule.
make_firewall_rule() {
  exists cluster "$region" "$cluster" || return 0
  read_cluster "$project" "$region" "$cluster"
  ((${#webhook_rule[@]} > 0)) || return 0
  if [[ $network_project == "$project" ]]; then
    ensure firewall-rule "$(webhook_rule_name)" "${webhook_rule[@]}"
  elif ! webhook_is_open; then
    say "note: the network is of $network_project, whose administrator must run $(webhook_rule_command)"
  fi
}

# A passthrough load balancer, and cert-manager's right to solve DNS-01.
make_l4() {
  ensure address "$region" "$(setting STATIC_IP_NAME)"
  ensure project-role "$(setting DNS_PROJECT)" roles/dns.admin "$pool/ns/cert-manager/sa/cert-manager"
}

# Google's L7 load balancer with a certificate that Google issues.
make_l7() {
  local map
  map=$(setting CERT_MAP)
  ensure address global "$(setting STATIC_IP_NAME)"
  ensure ssl-policy "$(setting SSL_POLICY)"
  ensure dns-authorization "$map" "$domain"
  ensure dns-record "$(setting DNS_PROJECT)" "$(setting DNS_ZONE)" "_acme-challenge.$domain." "$(challenge "$map")"
  ensure certificate "$map" "$domain"
  ensure map "$map"
  ensure map-entry "$map" "$domain"
}

# The answer that Google expects in the record; unknown before it is authorized.
challenge() {
  if ! exists dns-authorization "$1" "$domain"; then
    echo "the-data-of-this-authorization."
    return
  fi
  gcloud certificate-manager dns-authorizations describe "$1" --project="$project" \
    --format='value(dnsResourceRecord.data)' || fail "gcloud cannot read the DNS authorization $1; its error is above"
}

# Who may pass Identity-Aware Proxy: the account that runs this, and a service account
# for programs, whose tokens this account may create.
make_iap() {
  local me caller
  me=$(gcloud config get account) && [[ -n $me ]] || fail "gcloud has no account; run gcloud auth login"
  case $me in
  *.gserviceaccount.com) me=serviceAccount:$me ;;
  *) me=user:$me ;;
  esac
  caller=$(iap_caller)
  ensure service-account "${caller%%@*}" "$caller"
  ensure account-role "$caller" roles/iam.serviceAccountTokenCreator "$me"
  ensure iap-role "$me"
  ensure iap-role "serviceAccount:$caller"
}
