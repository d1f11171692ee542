# shellcheck shell=bash
# shellcheck disable=SC2154 # `begin` sets work and rendering, common.sh manager
# The record of what `deploy` applied, in the ConfigMap default/make-deploy. With it
# the objects that an overlay no longer has are found and deleted, and `undeploy`
# deletes what was deployed, whatever the overlay is now.
#
# kubectl's ApplySets are not used: they are alpha (KUBECTL_APPLYSET), `kubectl diff`
# does not know them, and a namespace in the set is deleted with all that others have
# in it.

record=make-deploy

# identities: prints "apiVersion kind namespace name" for each object of a rendering;
# the namespace of cluster-scoped objects is -.
identities() {
  awk '
    function flush() { if (name != "") print version, kind, space == "" ? "-" : space, name; name = space = "" }
    $0 == "---" { flush() }
    /^apiVersion: / { version = $2 }
    /^kind: / { kind = $2 }
    /^[a-z]/ { top = $1 }
    top == "metadata:" && /^  name: / { name = $2 }
    top == "metadata:" && /^  namespace: / { space = $2 }
    END { flush() }' | tr -d '"' | LC_ALL=C sort -u
}

# skeletons: prints the identities as manifests, for kubectl get and delete.
skeletons() {
  awk '{ printf "---\napiVersion: %s\nkind: %s\nmetadata:\n  name: %s\n", $1, $2, $4 }
    $3 != "-" { printf "  namespace: %s\n", $3 }'
}

# Prints the recorded identities; nothing without a record.
recorded() {
  kubectl -n default get "configmap/$record" --ignore-not-found -o 'jsonpath={.data.objects}' ||
    fail "kubectl cannot read the record of what was deployed; its error is above"
}

# write_record: records the identities of the input.
write_record() {
  {
    printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\n  namespace: default\n' "$record"
    printf '  labels: {app.kubernetes.io/part-of: hello}\ndata:\n  overlay: %s\n  objects: |\n' "$OVERLAY"
    sed 's/^/    /'
  } >"$work/record.yaml"
  kubectl apply --server-side --field-manager="$manager" -f "$work/record.yaml" >/dev/null ||
    fail "the record of what is deployed was not written; kubectl's error is above"
}

# owned: those of the input's identities that exist and that `deploy` applied. An
# object of the same name that someone else made stays.
owned() {
  local served
  cat >"$work/asked"
  [[ -s $work/asked ]] || return 0
  # kubectl rejects the whole file if the server does not know one of its kinds. The
  # kind's objects are then gone, too.
  served=$(kubectl api-resources --no-headers) || fail "kubectl cannot list the kinds of the API server; its error is above"
  awk 'function group(version) { return version ~ /\// ? substr(version, 1, index(version, "/") - 1) : "" }
    NR == FNR { known[group($(NF - 2)) " " $NF] = 1; next }
    known[group($1) " " $2]' <(printf '%s\n' "$served") "$work/asked" >"$work/known"
  [[ -s $work/known ]] || return 0
  skeletons <"$work/known" >"$work/known.yaml"
  kubectl get --ignore-not-found --no-headers -o \
    'custom-columns=V:.apiVersion,K:.kind,S:.metadata.namespace,N:.metadata.name,M:.metadata.managedFields[*].manager' \
    -f "$work/known.yaml" >"$work/found" ||
    fail "kubectl cannot get the objects that were deployed; its error is above"
  awk -v manager="$manager" '(" " $5 "," ) ~ "[ ,]" manager "," { print $1, $2, $3 == "<none>" ? "-" : $3, $4 }' "$work/found"
}

# left_over: the recorded objects that the rendering no longer has.
left_over() {
  identities <"$rendering" >"$work/rendered"
  recorded >"$work/recorded"
  awk 'NR == FNR { rendered[$0] = 1; next } !rendered[$0]' "$work/rendered" "$work/recorded" | owned
}

# remove FILE: deletes the objects of these identities. A namespace stays, because
# others may have objects in it: it loses the labels that `deploy` gave it. Those
# that someone else set, too, stay.
remove() {
  awk '$2 != "Namespace"' "$1" | skeletons >"$work/remove.yaml"
  if [[ -s $work/remove.yaml ]]; then
    kubectl delete --ignore-not-found -f "$work/remove.yaml" || fail "some objects were not deleted; kubectl's error is above"
  fi
  awk '$2 == "Namespace"' "$1" | skeletons >"$work/release.yaml"
  if [[ -s $work/release.yaml ]]; then
    say "take back the labels of namespaces that deploy set"
    kubectl apply --server-side --field-manager="$manager" -f "$work/release.yaml" || fail "the labels of some namespaces stay; kubectl's error is above"
  fi
}

# describe: prints identities as "kind namespace/name" with a minus, as in a diff.
describe() {
  awk '$2 == "Namespace" { print "- the labels of namespace " $4; next }
    { print "- " $2 " " ($3 == "-" ? "" : $3 "/") $4 }'
}
