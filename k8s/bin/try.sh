# shellcheck shell=bash
# shellcheck disable=SC2154 # `begin` sets rendering
# The commands that `deploy` ends with, and the token that they need. Sourced after
# common.sh.

# The certificate that a client outside the mesh must trust, as "file secret
# namespace", if no public root signs it: the one that the Job smoke-gateway
# mounts.
trust() {
  local job namespace
  has_component gke-l7 && return
  job=$(documents '^kind: Job$' <"$rendering" | documents '--cacert=/tls/')
  [[ -n $job ]] || return 0
  read -r _ namespace < <(objects <<<"$job")
  sed -n 's|^ *- --cacert=/tls/||p; s|^ *secretName: ||p' <<<"$job" | tr '\n' ' '
  echo "$namespace"
}

# True with the component `http`.
serves_http() { [[ -n $(documents '^  name: smoke-http$' <"$rendering") ]]; }

# True if the gateway admits only requests with a token of `jwt`. Sets
# $token_namespace, which has the token of the smoke Job.
needs_token() {
  token_namespace=$(documents '^ +name: smoke-token$' <"$rendering" | objects | awk '{ print $2 }' | sort -u)
  [[ -n $token_namespace ]]
}

# Before anything is applied: without its Secret, the smoke Job waits in vain.
check_token() {
  needs_token || return 0
  kubectl -n "$token_namespace" get secret/smoke-token -o name >/dev/null ||
    refuse "the gateway will admit only requests with a token of $(setting JWT_ISSUER), and there is none to greet with; run kubectl -n $token_namespace create secret generic smoke-token --from-literal=token=<token>"
}

# add_token: says where the token of the commands is, and adds it to them.
# shellcheck disable=SC2016 # the reader of the commands expands TOKEN
add_token() {
  needs_token || return 0
  say "note: the gateway admits only requests with a token; this one is in the Secret $token_namespace/smoke-token"
  printf '  %s\n' "TOKEN=\$(kubectl -n $token_namespace get secret smoke-token -o 'go-template={{.data.token | base64decode}}')"
  curl+=(--header '"Authorization: Bearer $TOKEN"') client+=(--header '"authorization=Bearer $TOKEN"')
}

# Uses the address, so that the commands work before DNS resolves the name.
say_what_to_try() {
  local domain ip file secret namespace curl=() client=()
  domain=$(setting DOMAIN)
  ip=$(address) || fail "the smoke test passed, but the gateway's address is unknown; the error is above"
  read -r file secret namespace <<<"$(trust)"
  say "$OVERLAY serves $domain at ${ip:-an address that is not assigned yet (see make status)}. Try:"
  if serves_http; then
    [[ -z $ip ]] || curl=(--connect-to "$domain:80:$ip:80")
    client=(--addr "${ip:-$domain}:80" --authority "$domain")
    add_token
    printf '  %s\n' "curl ${curl[*]-} http://$domain/" "greeter-client ${client[*]} you"
    return
  fi
  if [[ -n $file ]]; then
    printf '  %s\n' "kubectl -n $namespace get secret $secret -o 'go-template={{index .data \"$file\" | base64decode}}' >gateway-$file"
    curl=(--cacert "gateway-$file") client=(--cacert "gateway-$file")
  fi
  if [[ -n $ip ]]; then
    curl+=(--connect-to "$domain:443:$ip:443")
    client+=(--addr "$ip:443" --server-name "$domain" --authority "$domain")
  else
    client+=(--addr "$domain:443")
  fi
  if [[ -n $(documents '^    iap:' <"$rendering") ]]; then
    say "note: Identity-Aware Proxy requires a token for both commands; see docs/deploy.md"
  else
    add_token
  fi
  printf '  %s\n' "curl ${curl[*]} https://$domain/" "greeter-client --tls ${client[*]} you"
}
