# shellcheck shell=bash
# shellcheck disable=SC2154 # `begin` sets rendering, check_cluster context
# What `deploy` and `platform` refuse. FORCE=1 is the only override.

# refuse MESSAGE...: fails, unless FORCE=1.
refuse() {
  [[ ${FORCE-} == 1 ]] || fail "$*; FORCE=1 goes on anyway"
  say "FORCE=1, although $*"
}

# Prints the settings that are not the overlay's own, with their source, so that an
# exported variable does not act unseen.
say_sources() {
  local key source
  while read -r key; do
    source=$(setting_source "$key")
    [[ $source == overlay ]] || say "$key=$(setting "$key"), from ${source/#environment/the environment}"
  done < <({ printf '%s\n' OVERLAY REGISTRY TAG WITH WITHOUT LEAVE && settings_keys; } | awk '!seen[$0]++')
}

# True if a public certificate authority or Google must know the domain and the
# projects.
is_public() {
  is_google || [[ -n $(documents '^    name: letsencrypt' <"$rendering" | documents '^kind: Certificate$') ]]
}

# is_example KEY: true for a domain that is reserved for examples or never public, and for
# an example that is the overlay's own.
is_example() {
  local value
  value=$(setting "$1")
  if [[ $1 == DOMAIN ]]; then
    [[ $value =~ (^|\.)(example\.(com|org|net|edu)|example|invalid|localhost)$ ]]
  else
    [[ $value =~ (^|[^a-z])example([^a-z]|$) ]] && grep -qxF "$1=$value" "$k8s/overlays/$OVERLAY/settings.env"
  fi
}

# Example values cannot work in public: a certificate is never issued, and failed
# validations count against a limit.
refuse_examples() {
  local key given="" wanted=""
  is_public || return 0
  for key in $(settings_keys); do
    is_example "$key" || continue
    given+=${given:+, }$key=$(setting "$key") wanted+=" $key=<yours>"
  done
  [[ -z $given ]] ||
    refuse "these settings have example values: $given; write yours into k8s/local.env, or run make ${0##*/} OVERLAY=$OVERLAY$wanted"
}

# Namespaces in which the rendering restricts every pod, and not only its own.
restricted_namespaces() {
  documents '^  podSelector: \{\}$' <"$rendering" | objects | awk '{ print $2 }'
  documents '^kind: (PeerAuthentication|AuthorizationPolicy)$' <"$rendering" |
    documents -v '^  (selector|targetRefs?):' | objects | awk '{ print $2 }'
  documents '^    pod-security.kubernetes.io/enforce:' <"$rendering" | objects | awk '{ print $1 }'
}

# Policies that deny by default, strict mutual TLS and an enforced pod-security
# level cut off or reject the pods of others.
refuse_other_pods() {
  local namespace waypoints pods pod found=""
  waypoints=$(documents '^kind: Gateway$' <"$rendering" | objects | awk '{ printf "%s%s", sep, $1; sep = "," }')
  while read -r -u 3 namespace; do
    # Those of a Gateway of the rendering belong to it: a waypoint.
    pods=$(kubectl -n "$namespace" get pods -o name \
      -l "app.kubernetes.io/part-of!=hello,gateway.networking.k8s.io/gateway-name notin (${waypoints:-none})" \
      --field-selector status.phase!=Succeeded,status.phase!=Failed) ||
      fail "kubectl cannot list the pods of $namespace; its error is above"
    while read -r pod; do found+=${pod:+${found:+, }$namespace/${pod#pod/}}; done <<<"$pods"
  done 3< <(restricted_namespaces | sort -u)
  [[ -z $found ]] ||
    refuse "pods of others run where $OVERLAY denies all other traffic and enforces pod security: $found; move them to another namespace, or use another cluster"
}

# "project location cluster" of the current context: gcloud names the entry in the
# kubeconfig after them, also if the context is renamed; else the nodes tell the
# project and the zone.
google_cluster() {
  local entry provider
  entry=$(kubectl config view --minify -o 'jsonpath={.clusters[0].name}') || return
  for entry in "$entry" "$context"; do
    if [[ $entry =~ ^gke_([^_]+)_([^_]+)_(.+)$ ]]; then
      echo "${BASH_REMATCH[@]:1}"
      return
    fi
  done
  provider=$(kubectl get nodes -o 'jsonpath={.items[0].spec.providerID}') || return
  if [[ $provider =~ ^gce://([^/]+)/([^/]+)/ ]]; then echo "${BASH_REMATCH[@]:1}"; fi
}

# Settings that name a Google project, region or cluster keep the overlay off other
# clusters.
refuse_other_google_cluster() {
  local project location cluster key value actual
  is_google || return 0
  read -r project location cluster <<<"$(google_cluster)"
  [[ -n $project ]] ||
    refuse "the context $context is not of a GKE cluster, and $OVERLAY is for one in GCP_PROJECT=$(setting GCP_PROJECT); choose its context: gcloud container clusters get-credentials"
  for key in GCP_PROJECT GCP_REGION GKE_CLUSTER; do
    value=$(setting "$key")
    case $key in
    GCP_PROJECT) actual=$project ;;
    GCP_REGION) actual=$location ;;
    GKE_CLUSTER) actual=$cluster ;;
    esac
    [[ -z $value || -z $actual || $actual == "$value" ]] && continue
    # A zonal cluster of the region.
    [[ $key == GCP_REGION && $actual == "$value"-? ]] && continue
    refuse "$key is $value, from $(setting_source "$key"), and the context $context is of $actual; choose another context, or set $key"
  done
}
