# shellcheck shell=bash
# Functions that the scripts in this folder share; each script sources this file
# first.
set -euo pipefail

bin=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
k8s=$(dirname "$bin")
# The field manager of server-side apply: fields of other managers stay theirs.
# shellcheck disable=SC2034 # used by the scripts that source this file
manager=make-deploy
# shellcheck disable=SC2034 # used by the scripts that source this file
charts=$k8s/platform/charts.txt

fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# macOS has bash 3.2, which lacks mapfile and rejects empty arrays under set -u.
((BASH_VERSINFO[0] > 4)) || fail "bash $BASH_VERSION is too old; install version 5 or newer with your system's package manager"

say() { printf '== %s\n' "$*"; }

# need TOOL...: fails with one line for the first tool that is missing.
need() {
  local tool how
  for tool in "$@"; do
    command -v "$tool" >/dev/null && continue
    case $tool in
    kubectl) how="install 1.31 or newer: https://kubernetes.io/docs/tasks/tools/" ;;
    helm) how="install it: https://helm.sh/docs/intro/install/" ;;
    kind) how="install it: https://kind.sigs.k8s.io/docs/user/quick-start/" ;;
    gcloud) how="install it: https://cloud.google.com/sdk/docs/install" ;;
    docker) how="install it (kind loads images from docker only): https://docs.docker.com/engine/install/" ;;
    diff) how="install your system's package diffutils" ;;
    *) how="install your system's package of the same name" ;;
    esac
    fail "$tool is missing: $how"
  done
}

overlays() { (cd "$k8s/overlays" && echo *); }

# The tag of the images: TAG, else the git revision.
image_tag() {
  local tag
  tag=$(setting TAG)
  [[ -n $tag ]] || tag=$("$k8s/../Dockerfiles/tag") || fail "the images have no tag; the error is above"
  printf '%s\n' "$tag"
}

# The cluster that the overlay is for. Checks of the cluster ask these and not PLATFORM,
# which k8s/local.env may set for every overlay.
is_kind() { grep -qE '^PLATFORM=(.*,)?kind(,|$)' "$k8s/overlays/$OVERLAY/settings.env"; }
is_google() { keys_in "$k8s/overlays/$OVERLAY/settings.env" | grep -qx GCP_PROJECT; }

# The variants of platform/ for this cluster.
variants() {
  local all
  all=$(setting PLATFORM)
  ! is_google || [[ $(setting GKE_MODE) != autopilot ]] || all+=,autopilot
  printf '%s\n' "$all"
}

# has_variant NAME: true if NAME is one of them.
has_variant() { [[ ,$(variants), == *,"$1",* ]]; }

# has_component NAME: true if the deployment has it.
has_component() { grep -qxF "$1" <<<"$component_names"; }

# shellcheck source-path=SCRIPTDIR source=settings.sh
. "$bin/settings.sh"
# shellcheck source-path=SCRIPTDIR source=components.sh
. "$bin/components.sh"
# shellcheck source-path=SCRIPTDIR source=objects.sh
. "$bin/objects.sh"
# shellcheck source-path=SCRIPTDIR source=guard.sh
. "$bin/guard.sh"

# Creates the temporary folder $work, checks tools, settings and cluster, and
# renders the manifests into the file $rendering. A script that another script
# calls reuses its caller's rendering and checks (RENDERING).
begin() {
  # No script calls these: an inherited rendering would skip the checks.
  case ${0##*/} in deploy | platform | undeploy) unset RENDERING ;; esac
  need kubectl
  check_settings
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  rendering=${RENDERING:-$work/all.yaml}
  [[ -z ${RENDERING-} ]] || return 0
  "$bin/render" >"$rendering"
  say_sources
  case ${0##*/} in deploy | dns | platform) refuse_examples ;; esac
  check_cluster
}

# pin_context: keeps kubectl and helm, of child scripts too, on the context that is
# checked, also if someone chooses another one meanwhile: of several kubeconfigs the
# first one's current context counts.
pin_context() {
  printf "apiVersion: v1\nkind: Config\ncurrent-context: '%s'\n" "$context" >"$work/kubeconfig"
  export KUBECONFIG=$work/kubeconfig:${KUBECONFIG:-$HOME/.kube/config}
}

# Prints the cluster's context, sets $context and pins it. Fails if the API server does
# not respond.
check_cluster() {
  context=$(kubectl config current-context) ||
    fail "no cluster: kubectl has no context; run make cluster, or choose one with kubectl config use-context"
  say "cluster: context $context"
  pin_context
  # Keeps the default overlay off the cluster of an unrelated current context.
  if is_kind && [[ $context != kind-* ]]; then
    fail "the overlay $OVERLAY is for kind, and the context is $context; choose another OVERLAY or context (make cluster creates one)"
  fi
  refuse_other_google_cluster
  kubectl version --request-timeout=10s | sed -n '/Server/p' || missing_plugin ||
    fail "no cluster: the API server of context $context does not respond; choose another context with kubectl config use-context"
}

# Fails if kubectl lacks its plugin for GKE: kubectl's own error does not say how to
# install it.
missing_plugin() {
  local plugin=gke-gcloud-auth-plugin
  [[ $context == gke_* ]] && ! command -v "$plugin" >/dev/null || return 1
  fail "$plugin is missing: install it with gcloud components install $plugin, or with your system's package google-cloud-cli-$plugin"
}

# The address that DOMAIN must point at; empty while none is assigned.
address() {
  local name namespace
  if is_kind; then
    echo 127.0.0.1
  elif has_component gke-l7; then
    read -r name namespace < <(documents '^  gatewayClassName: gke-' <"$rendering" | objects)
    kubectl -n "$namespace" get "gateways.gateway.networking.k8s.io/$name" \
      -o 'jsonpath={.status.addresses[0].value}'
  else
    kubectl -n "$(setting GATEWAY_NAMESPACE)" get "service/$(setting GATEWAY_NAME)" \
      -o 'jsonpath={.status.loadBalancer.ingress[0].ip}{.status.loadBalancer.ingress[0].hostname}'
  fi
}
