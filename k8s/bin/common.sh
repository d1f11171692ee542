# shellcheck shell=bash
# What the scripts beside this share; each sources it first.
set -euo pipefail

bin=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
k8s=$(dirname "$bin")
export OVERLAY=${OVERLAY-kind}
# The owner of what is applied: an object's fields that others set stay theirs.
# shellcheck disable=SC2034 # its users are the scripts that source this
manager=make-deploy
charts=$k8s/platform/charts.txt

fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# macOS has 3.2, which knows neither mapfile nor an empty array.
((BASH_VERSINFO[0] > 4)) || fail "bash is $BASH_VERSION; install 5 or newer with your system's package manager"

say() { printf '== %s\n' "$*"; }

# need TOOL...: one line for the first that is missing.
need() {
  local tool how
  for tool in "$@"; do
    command -v "$tool" >/dev/null && continue
    case $tool in
    kubectl) how="install 1.31 or newer: https://kubernetes.io/docs/tasks/tools/" ;;
    helm) how="install it: https://helm.sh/docs/intro/install/" ;;
    kind) how="install it: https://kind.sigs.k8s.io/docs/user/quick-start/" ;;
    gcloud) how="install it: https://cloud.google.com/sdk/docs/install" ;;
    docker) how="install it (kind takes images from docker alone): https://docs.docker.com/engine/install/" ;;
    diff) how="install your system's package diffutils" ;;
    *) how="install your system's package of that name" ;;
    esac
    fail "$tool is missing: $how"
  done
}

overlays() { (cd "$k8s/overlays" && echo *); }

settings_keys() { sed -n 's/^\([A-Z_]*\)=.*/\1/p' "$k8s/overlays/$OVERLAY/settings.env"; }

# setting KEY: what the command line or the environment says, else the overlay.
setting() {
  # PLATFORM is also what builders of images call an architecture, so it comes
  # from the overlay only.
  if [[ $1 != PLATFORM && -n ${!1+set} ]]; then
    printf '%s\n' "${!1}"
  else
    sed -n "s/^$1=//p" "$k8s/overlays/$OVERLAY/settings.env"
  fi
}

# has_variant NAME: whether the overlay's PLATFORM names it.
has_variant() { [[ ,$(setting PLATFORM), == *,"$1",* ]]; }

# Refuses what cannot work, before anything else happens.
check_settings() {
  local key value
  [[ $OVERLAY =~ ^[a-z0-9-]+$ && -f $k8s/overlays/$OVERLAY/kustomization.yaml ]] ||
    fail "there is no overlay \"$OVERLAY\"; OVERLAY is one of: $(overlays)"
  for key in $(settings_keys); do
    value=$(setting "$key")
    [[ -n $value || $key == PLATFORM ]] ||
      fail "$key is empty; set it in k8s/overlays/$OVERLAY/settings.env, or with $key=... after make's target"
    [[ $value =~ ^[^[:space:]]*$ ]] || fail "$key has a space or a line's end in it: \"$value\""
  done
  [[ $(setting DOMAIN) =~ ^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$ ]] ||
    fail "DOMAIN \"$(setting DOMAIN)\" is no host name in small letters, such as hello.example.org"
  [[ ${REGISTRY-} =~ ^[a-z0-9./:_-]*$ ]] ||
    fail "REGISTRY \"$REGISTRY\" is no prefix of an image, such as europe-docker.pkg.dev/project/folder"
  [[ ${TAG-} =~ ^[A-Za-z0-9_.-]*$ ]] || fail "TAG \"$TAG\" is no tag of an image, such as 1.2.3"
}

# Makes work, a folder that lasts as long as the script, and checks everything;
# then rendering is a file with the manifests. A script that is called by
# another takes over the other's rendering, and its checks.
begin() {
  need kubectl
  check_settings
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  rendering=${RENDERING:-$work/all.yaml}
  [[ -z ${RENDERING-} ]] || return 0
  "$bin/render" >"$rendering"
  check_cluster
}

# documents [-v] REGEX: of a rendering, the objects that have (-v: have not) a
# line like this.
documents() {
  local invert=0
  if [[ $1 == -v ]]; then invert=1 && shift; fi
  awk -v regex="$1" -v invert="$invert" '
    function flush() { if (text != "" && found != invert) printf "---\n%s", text; text = ""; found = 0 }
    $0 == "---" { flush(); next }
    $0 ~ regex { found = 1 }
    { text = text $0 "\n" }
    END { flush() }'
}

# A regular expression for a rendering's lines that name an image of ours. Ours
# are those that the component `images` names, as <registry>/<name>:<tag>.
our_images() {
  local names
  mapfile -t names < <(sed -nE 's#^  newName: (.*/)?##p' "$k8s/components/images/kustomization.yaml")
  (IFS='|' && printf '^ *(- )?image: "?([^ ]*/)?(%s):[^ "]*"?$' "${names[*]}")
}

# objects: "name namespace" of each object of a rendering.
objects() {
  awk '
    function flush() { if (name != "") print name, space; name = space = "" }
    $0 == "---" { flush() }
    /^[a-z]/ { top = $1 }
    top == "metadata:" && /^  name: / { name = $2 }
    top == "metadata:" && /^  namespace: / { space = $2 }
    END { flush() }'
}

# Says which cluster this is about, and sets context; fails if nothing answers.
check_cluster() {
  context=$(kubectl config current-context) ||
    fail "no cluster: kubectl has no context; make cluster, or choose one with kubectl config use-context"
  say "cluster: context $context"
  # The default overlay must not land in whatever cluster was used last.
  if has_variant kind && [[ $context != kind-* ]]; then
    fail "the overlay $OVERLAY is for kind, and the context is $context; choose another OVERLAY or context (make cluster makes one)"
  fi
  kubectl version --request-timeout=10s | sed -n '/Server/p' ||
    fail "no cluster: nothing answers at the context $context"
}

# The address that DOMAIN must point at; nothing while there is none.
address() {
  local name namespace
  if has_variant kind; then
    echo 127.0.0.1
  elif has_variant gke-l7; then
    read -r name namespace < <(documents '^  gatewayClassName: gke-' <"$rendering" | objects)
    kubectl -n "$namespace" get "gateways.gateway.networking.k8s.io/$name" \
      -o 'jsonpath={.status.addresses[0].value}'
  else
    read -r name namespace < <(awk '$3 == "gateway" { print $1, $2 }' "$charts")
    kubectl -n "$namespace" get "service/$name" \
      -o 'jsonpath={.status.loadBalancer.ingress[0].ip}{.status.loadBalancer.ingress[0].hostname}'
  fi
}
