# shellcheck shell=bash
# The components of OVERLAY with those of WITH, without those of WITHOUT.
# shellcheck disable=SC2154 # common.sh sets k8s, and sources this file

# The rows of the list, without comments.
order() { grep -v '^#' "$k8s/components/order.txt" | grep .; }

# listed FILE: the entries of its `components:`, without the path to components/.
listed() {
  sed -n '/^components:/,/^[a-z]/s/^ *- *\([^ ]*\).*/\1/p' "$1" | sed -E 's#^(\.\./)+(components/)?##'
}

# insert NAME: puts it into the array `list`, before the first entry of a later row.
insert() {
  local index
  for index in "${!list[@]}"; do
    # A component of the overlay's own has no row.
    ((${row[${list[index]}]-0} > row[$1])) || continue
    list=("${list[@]:0:index}" "$1" "${list[@]:index}")
    return
  done
  list+=("$1")
}

# contains NAME: true if the array `list` has it.
contains() { [[ " ${list[*]} " == *" $1 "* ]]; }

add_component() {
  [[ -n ${row[$1]-} && $1 != images ]] ||
    fail "there is no component \"$1\"; WITH is a list of: $(names)"
  ! contains "$1" || fail "$1 is in the overlay $OVERLAY already; remove it from WITH"
  insert "$1"
}

leave_component() {
  local entry rest=()
  [[ -n ${row[$1]-} && $1 != images ]] ||
    fail "there is no component \"$1\"; WITHOUT is a list of: $(names)"
  contains "$1" || fail "$1 is not in the overlay $OVERLAY; remove it from WITHOUT"
  for entry in "${list[@]}"; do [[ $entry == "$1" ]] || rest+=("$entry"); done
  list=("${rest[@]}")
}

names() { order | awk '$1 != "images" { printf "%s%s", separator, $1; separator = " " }'; }

# met NEED: true if one of the alternatives a|b is there.
met() {
  local one
  for one in ${1//|/ }; do
    case $one in
    PLATFORM=*) ! has_variant "${one#PLATFORM=}" || return 0 ;;
    *) ! contains "$one" || return 0 ;;
    esac
  done
  return 1
}

check_list() {
  local name needs excludes other
  while read -r name needs excludes; do
    contains "$name" || continue
    IFS=, read -ra needs <<<"${needs#-}"
    for other in "${needs[@]}"; do
      met "$other" && continue
      [[ $other != PLATFORM=* ]] ||
        fail "$name needs ${other#PLATFORM=} in PLATFORM, and the overlay $OVERLAY has PLATFORM=$(setting PLATFORM); choose another OVERLAY, or set PLATFORM in k8s/local.env"
      fail "$name needs ${other//|/ or }; add it to WITH, or leave $name out"
    done
    IFS=, read -ra excludes <<<"${excludes#-}"
    for other in "${excludes[@]}"; do
      ! contains "$other" || fail "$name and $other exclude each other; name one of them in WITHOUT"
    done
  done < <(order)
}

# words KEY: the entries of a setting that is a list.
words() { setting "$1" | tr ', ' '\n' | grep . || :; }

# The setting ISSUER; empty in an overlay without Let's Encrypt.
issuer() { ! keys_in "$k8s/overlays/$OVERLAY/settings.env" | grep -qx ISSUER || setting ISSUER; }

# The components of this deployment, in order.
component_list() {
  local name list=() part
  local -A row=()
  while read -r name _; do row[$name]=$((${#row[@]} + 1)); done < <(order)
  while read -r name; do
    if [[ $name == standard ]]; then
      while read -r part; do list+=("$part"); done < <(listed "$k8s/components/standard/kustomization.yaml")
    else
      list+=("$name")
    fi
  done < <(listed "$k8s/overlays/$OVERLAY/kustomization.yaml")
  while read -r name; do leave_component "$name"; done < <(words WITHOUT)
  while read -r name; do add_component "$name"; done < <(words WITH)
  # Settings that stand for a component.
  [[ $(issuer) != staging ]] || contains tls-letsencrypt-staging || insert tls-letsencrypt-staging
  ! has_variant autopilot || contains gke-autopilot || insert gke-autopilot
  if [[ -n $(setting REVISION) ]]; then
    contains revision || insert revision
  elif contains revision; then
    fail "revision needs a value of REVISION; set it in k8s/local.env, or with REVISION=... after the make target"
  fi
  check_list
  printf '%s\n' "${list[@]}"
}
