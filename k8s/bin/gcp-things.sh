# shellcheck shell=bash
# Makes things in Google Cloud that do not exist, and records them; gcp-remove.sh
# removes them. Sourced after gcp-kinds.sh.
# shellcheck disable=SC2034,SC2154 # shared with the scripts that source this file

# Sets `enabled` to the APIs of the project.
read_apis() {
  enabled=" $(gcloud services list --enabled --project="$project" --format='value(config.name)' | tr '\n' ' ') " ||
    fail "gcloud cannot read the project $project; its error is above; sign in with gcloud auth login, or correct GCP_PROJECT"
}

# enable API...
enable() {
  local api missing=()
  for api in "$@"; do [[ $enabled == *" $api "* ]] || missing+=("$api"); done
  ((${#missing[@]} > 0)) || return 0
  run gcloud services enable "${missing[@]}" --project="$project"
  $plan || enabled+="${missing[*]} "
}

# exists KIND ARGUMENT...
exists() {
  local list key create delete within found api
  api=$(api_of "$1")
  [[ -z $api || $enabled == *" $api "* ]] || return 1
  describe "$@"
  ((${#within[@]} == 0)) || exists "${within[@]}" || return 1
  found=$("${list[@]}") || fail "gcloud failed; its error is above; the command was: ${list[*]}"
  # A binding without a condition ends in a space.
  grep -qxF -e "$key" -e "$key " <<<"$found"
}

# show COMMAND...: prints it.
show() {
  printf '+'
  printf ' %q' "$@"
  echo
}

# run COMMAND...: shows it, and runs it, unless only the plan is wanted.
run() {
  show "$@"
  $plan || "$@" || stop
}

stop() {
  local target=gcp
  [[ $verb != remove ]] || target=gcp-remove
  fail "the command above failed; correct the cause and run make $target again: it continues"
}

# ensure KIND ARGUMENT...: makes the thing, unless it exists. The record comes first:
# what did not exist before is ours, also if the command is interrupted.
ensure() {
  local list key create delete within
  if exists "$@"; then
    $plan || say "exists: $*"
    return
  fi
  describe "$@"
  show "${create[@]}"
  ! $plan || return 0
  grep -qsxF "$*" "$record" || printf '%s\n' "$*" >>"$record"
  ! attempt "$1" || return 0
  # What others make by hand after a failure is theirs.
  exists "$@" || forget "$*"
  stop
}

# attempt KIND: runs the array `create`. All of IAM knows a new account only after some
# seconds: until then it rejects roles for it.
attempt() {
  local tries=1
  [[ $1 != *-role ]] || tries=7
  until "${create[@]}"; do
    ((--tries > 0)) || return 1
    say "this failed; a new account is known only after some seconds: trying again"
    sleep "${GCP_INTERVAL:-10}"
  done
}

# forget THING: takes it out of the record.
forget() {
  local left
  left=$(grep -vxF "$1" "$record" || :)
  printf '%s' "${left:+$left$'\n'}" >"$record"
}
