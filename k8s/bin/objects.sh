# shellcheck shell=bash
# shellcheck disable=SC2154 # `begin` sets rendering, common.sh k8s, and sources this file
# The objects of a rendering, and their namespaces.

# documents [-v] REGEX: the objects of a rendering with a line that matches
# REGEX (-v: without one).
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

# A regular expression that matches the lines of a rendering with an image of
# this project, as <registry>/<name>:<tag>. The component `images` lists them.
our_images() {
  local names
  mapfile -t names < <(sed -nE 's#^  newName: (.*/)?##p' "$k8s/components/images/kustomization.yaml")
  (IFS='|' && printf '^ *(- )?image: "?([^ ]*/)?(%s):[^ "]*"?$' "${names[*]}")
}

# each_object: prints "apiVersion kind namespace name" for each object of a rendering,
# in its order; the namespace of cluster-scoped objects is -.
each_object() {
  awk '
    function flush() { if (name != "") print version, kind, space == "" ? "-" : space, name; name = space = "" }
    $0 == "---" { flush() }
    /^apiVersion: / { version = $2 }
    /^kind: / { kind = $2 }
    /^[a-z]/ { top = $1 }
    top == "metadata:" && /^  name: / { name = $2 }
    top == "metadata:" && /^  namespace: / { space = $2 }
    END { flush() }' | tr -d '"'
}

# identities: what each_object prints, sorted, each once.
identities() { each_object | LC_ALL=C sort -u; }

# objects: prints "name namespace" for each object of a rendering.
objects() { each_object | awk '{ print $4, $3 == "-" ? "" : $3 }'; }

# The namespaces of the rendering that the cluster does not have.
missing_namespaces() {
  local found name
  found=$(kubectl get namespaces -o name) || fail "kubectl cannot list the namespaces; its error is above"
  while read -r name _; do
    [[ $'\n'$found$'\n' == *$'\n'"namespace/$name"$'\n'* ]] || printf '%s\n' "$name"
  done < <(documents '^kind: Namespace$' <"$rendering" | objects)
}

# Creates them before a diff: the API server rejects a dry run in a namespace that
# does not exist. The apply sets their labels.
create_namespaces() {
  local names name
  names=$(missing_namespaces) || exit 1
  for name in $names; do
    say "namespace $name"
    kubectl create namespace "$name" || fail "the namespace $name was not created; kubectl's error is above"
  done
}
