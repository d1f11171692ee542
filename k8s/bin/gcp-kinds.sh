# shellcheck shell=bash
# The kinds of things that `make gcp` makes, and the commands for each. A thing is
# KIND ARGUMENT..., for example `address global hello`.
# shellcheck disable=SC2034,SC2154 # shared with the scripts that source this file

# describe KIND ARGUMENT...: sets `list`, the command that prints the things of this
# kind, `key`, the line of it that is this thing, `create` and `delete`, and `within`,
# the thing that it is in.
describe() {
  local scope name='--format=value(name)' base='--format=value(name.basename())'
  local members='--format=value[separator=" "](bindings.role,bindings.members,bindings.condition.title)'
  within=() delete=()
  case $1 in
  repository) named "$base" "$3" artifacts repositories -- --location="$2" -- --repository-format=docker ;;
  address)
    scope=--region=$2
    [[ $2 != global ]] || scope=--global
    named "$name" "$3" compute addresses -- "$scope"
    # The list takes several regions.
    [[ $2 == global ]] || list=(gcloud compute addresses list --regions="$2" "$name")
    ;;
  cluster)
    named "$name" "$3" container clusters -- --location="$2" -- --num-nodes=1 --machine-type=e2-standard-4 \
      --enable-dataplane-v2 --gateway-api=standard --workload-pool="$project.svc.id.goog"
    [[ $(setting GKE_MODE) != autopilot ]] ||
      create=(gcloud container clusters create-auto "$3" --location="$2" --workload-policies=allow-net-admin)
    ;;
  firewall-rule) named "$name" "$2" compute firewall-rules -- -- "${@:3}" ;;
  ssl-policy) named "$name" "$2" compute ssl-policies -- --global -- --profile=MODERN --min-tls-version=1.2 ;;
  dns-authorization) named "$base" "$2" certificate-manager dns-authorizations -- -- --domain="${3-}" ;;
  certificate) named "$base" "$2" certificate-manager certificates -- -- --domains="${3-}" --dns-authorizations="$2" ;;
  map) named "$base" "$2" certificate-manager maps ;;
  map-entry)
    within=(map "$2")
    named "$base" "$2" certificate-manager maps entries -- --map="$2" -- --certificates="$2" --hostname="${3-}"
    ;;
  dns-record)
    named "$name" "$4" dns record-sets -- --zone="$3" --type=CNAME -- --ttl=300 --rrdatas="${5-}"
    list=(gcloud dns record-sets list --zone="$3" --name="$4" --type=CNAME "$name")
    of_project "$2"
    return
    ;;
  service-account)
    named '--format=value(email)' "$2" iam service-accounts
    key=$3 delete[4]=$3
    ;;
  project-role)
    policy "$members" "$3 $4" projects -- "$2" -- --member="$4" --role="$3" --condition=None
    return
    ;;
  repository-role)
    within=(repository "$2" "$3")
    policy "$members" "roles/artifactregistry.reader $4" artifacts repositories -- "$3" --location="$2" -- \
      --member="$4" --role=roles/artifactregistry.reader
    ;;
  account-role)
    within=(service-account "${2%%@*}" "$2")
    policy "$members" "$3 $4" iam service-accounts -- "$2" -- --member="$4" --role="$3" --condition=None
    ;;
  iap-role)
    policy "$members" "roles/iap.httpsResourceAccessor $2" iap web -- --resource-type=backend-services -- \
      --member="$2" --role=roles/iap.httpsResourceAccessor --condition=None
    ;;
  *) fail "there is no kind \"$1\" of things in Google Cloud" ;;
  esac
  of_project "$project"
}

# split LIST...: the words up to the first --, the second and the end, as the arrays
# group, scope_flags and more_flags.
split() {
  local -n part=group
  local word parts=(group scope_flags more_flags) count=0
  group=() scope_flags=() more_flags=()
  for word in "$@"; do
    if [[ $word == -- ]]; then
      count=$((count + 1))
      local -n part=${parts[count]}
    else
      part+=("$word")
    fi
  done
}

# named FORMAT NAME GROUP... [-- SCOPE... [-- FLAG...]]: a thing with a name of its own.
named() {
  local group scope_flags more_flags
  split "${@:3}"
  key=$2
  list=(gcloud "${group[@]}" list "${scope_flags[@]}" "$1")
  create=(gcloud "${group[@]}" create "$2" "${scope_flags[@]}" "${more_flags[@]}")
  delete=(gcloud "${group[@]}" delete "$2" "${scope_flags[@]}" --quiet)
}

# policy FORMAT KEY GROUP... -- SCOPE... -- FLAG...: a role that somebody has.
policy() {
  local group scope_flags more_flags
  split "${@:3}"
  key=$2
  list=(gcloud "${group[@]}" get-iam-policy "${scope_flags[@]}" "--flatten=bindings[].members" "$1")
  create=(gcloud "${group[@]}" add-iam-policy-binding "${scope_flags[@]}" "${more_flags[@]}")
  delete=(gcloud "${group[@]}" remove-iam-policy-binding "${scope_flags[@]}" "${more_flags[@]}" --quiet)
}

of_project() {
  list+=(--project="$1") create+=(--project="$1") delete+=(--project="$1")
}

# The API that lists the things of a kind; things of a disabled API do not exist.
api_of() {
  case $1 in
  repository | repository-role) echo artifactregistry.googleapis.com ;;
  cluster) echo container.googleapis.com ;;
  address | firewall-rule | ssl-policy) echo compute.googleapis.com ;;
  dns-authorization | certificate | map | map-entry) echo certificatemanager.googleapis.com ;;
  iap-role) echo iap.googleapis.com ;;
  esac
}
