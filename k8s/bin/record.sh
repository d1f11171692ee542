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

# skeletons: prints the identities as manifests, for kubectl get and delete.
skeletons() {
  awk '{ printf "---\napiVersion: %s\nkind: %s\nmetadata:\n  name: %s\n", $1, $2, $4 }
    $3 != "-" { printf "  namespace: %s\n", $3 }'
}

# recorded [others]: prints the recorded identities, or those of them that others made;
# nothing without a record.
recorded() {
  kubectl -n default get "configmap/$record" --ignore-not-found -o "jsonpath={.data.${1-objects}}" ||
    fail "kubectl cannot read the record of what was deployed; its error is above"
}

# write_record: records the identities of the input, and those of $work/others.
write_record() {
  {
    printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\n  namespace: default\n' "$record"
    printf '  labels: {app.kubernetes.io/part-of: hello}\ndata:\n  overlay: %s\n  objects: |\n' "$OVERLAY"
    sed 's/^/    /'
    if [[ -s $work/others ]]; then
      printf '  others: |\n'
      sed 's/^/    /' "$work/others"
    fi
  } >"$work/record.yaml"
  kubectl apply --server-side --field-manager="$manager" -f "$work/record.yaml" >/dev/null ||
    fail "the record of what is deployed was not written; kubectl's error is above"
}

# kinds FILE: prints the kinds of the API server. One that is unavailable, of metrics for
# example, is no reason to stop, unless an object in the file is of it.
kinds() {
  local list group
  list=$(kubectl api-resources --no-headers 2>"$work/errors") || {
    [[ -n $list ]] || fail "kubectl cannot list the kinds of the API server: $(tail -n 1 "$work/errors")"
    while read -r group; do
      [[ $list == *" $group/"* ]] || ! grep -qF " $group/" "$work/errors" ||
        fail "kubectl cannot list the kinds of $group: $(tail -n 1 "$work/errors")"
    done < <(sed -n 's#/.*##p' "$1" | sort -u)
  }
  printf '%s\n' "$list"
}

# served: the input's identities of kinds that the API server knows, with the version
# that it serves: a recorded one may be gone by now.
served() {
  cat >"$work/asked"
  [[ -s $work/asked ]] || return 0
  kinds "$work/asked" >"$work/kinds" || exit
  awk 'function group(version) { return version ~ /\// ? substr(version, 1, index(version, "/") - 1) : "" }
    NR == FNR { known[group($(NF - 2)) " " $NF] = $(NF - 2); next }
    (group($1) " " $2) in known { $1 = known[group($1) " " $2]; print }' "$work/kinds" "$work/asked" | sort -u
}

# existing: those of the input's identities that exist, with the managers of their
# fields, separated by commas.
existing() {
  # kubectl rejects the whole file if the server does not know one of its kinds. The
  # kind's objects are then gone, too.
  served >"$work/known" || exit
  [[ -s $work/known ]] || return 0
  skeletons <"$work/known" >"$work/known.yaml"
  kubectl get --ignore-not-found --no-headers -o \
    'custom-columns=V:.apiVersion,K:.kind,S:.metadata.namespace,N:.metadata.name,M:.metadata.managedFields[*].manager' \
    -f "$work/known.yaml" >"$work/found" ||
    fail "kubectl cannot get the objects that were deployed; its error is above"
  awk '{ if ($3 == "<none>") $3 = "-"; print }' "$work/found"
}

# managed: those of `existing` that `deploy` applied. An object of the same name that
# someone else made stays.
managed() { awk -v manager="$manager" '($0 ",") ~ "[ ,]" manager "," { print $1, $2, $3, $4 }'; }

# owned: those of the input's identities that exist and that `deploy` applied.
owned() { existing | managed; }

# lacking FILE: the input's identities that the file does not have. Versions do not
# count: another version is the same object.
lacking() {
  awk '{ whole = $0; sub(/\/?[^\/]*$/, "", $1) }
    FILENAME == ARGV[1] { listed[$0] = 1; next }
    !listed[$0] { print whole }' "$1" -
}

# left_over: the recorded objects that the rendering no longer has.
left_over() {
  identities <"$rendering" >"$work/rendered"
  recorded >"$work/recorded"
  lacking "$work/rendered" <"$work/recorded" | owned
}

# refuse_other_objects: refuses to apply the rendering onto objects that others made.
# With equal or other fields the apply would succeed, and undeploy would delete them.
# FORCE=1 records whose they are.
refuse_other_objects() {
  local found
  recorded others >"$work/recorded-others"
  identities <"$rendering" | awk '$2 != "Namespace"' | existing >"$work/existing"
  { managed <"$work/existing" && recorded; } >"$work/ours"
  awk '{ print $1, $2, $3, $4 }' "$work/existing" | lacking "$work/ours" >"$work/foreign"
  sort -u "$work/recorded-others" "$work/foreign" >"$work/others"
  found=$(awk '{ printf "%s%s %s", sep, $2, ($3 == "-" ? "" : $3 "/") $4; sep = ", " }' "$work/foreign")
  [[ -z $found ]] ||
    refuse "$OVERLAY has objects that others made: $found; rename or delete them, or leave their component out with WITHOUT"
}

# remove FILE: deletes the objects of these identities. Namespaces, in which others may
# have objects, and objects that others made stay, without what `deploy` alone set.
remove() {
  recorded others >"$work/others"
  lacking "$work/others" <"$1" | awk '$2 != "Namespace"' >"$work/delete"
  skeletons <"$work/delete" >"$work/remove.yaml"
  if [[ -s $work/remove.yaml ]]; then
    kubectl delete --ignore-not-found -f "$work/remove.yaml" || fail "some objects were not deleted; kubectl's error is above"
  fi
  lacking "$work/delete" <"$1" | skeletons >"$work/release.yaml"
  if [[ -s $work/release.yaml ]]; then
    say "take back what deploy set in namespaces and in objects of others"
    kubectl apply --server-side --field-manager="$manager" -f "$work/release.yaml" || fail "what deploy set in some of them stays; kubectl's error is above"
  fi
}

# describe: prints identities as "kind namespace/name" with a minus, as in a diff.
describe() {
  awk '$2 == "Namespace" { print "- the labels of namespace " $4; next }
    { print "- " $2 " " ($3 == "-" ? "" : $3 "/") $4 }'
}
