//! The rows: name, code, exit code, hint, and fix in the mesh.

use crate::Exit;

/// The configuration that a gateway needs to serve TLS for a name.
const GATEWAY_TLS: &str = "A Gateway needs a server whose hosts cover the name and whose tls.credentialName is a Secret in the gateway pod's namespace (istioctl proxy-config secret).";

causes! {
    Ok, "ok", SUCCESS, "nothing to fix", "";

    NameNotFound, "name.not_found", RESOLVE, "check the name in --addr and this machine's DNS",
        "In a cluster, use <service>.<namespace>.svc; for a gateway, add a DNS record for its load balancer.";
    NameNoAddress, "name.no_address", RESOLVE, "add an A or AAAA record for the name",
        "A gateway's address is in its Service's status.loadBalancer.ingress.";

    ConnectRefused, "connect.refused", CONNECT, "check the port in --addr and that the server runs",
        "In a cluster, compare the Service's spec.ports[].targetPort with the port that the container listens on.";
    ConnectTimeout, "connect.timeout", CONNECT, "check the address, firewalls and load balancer, or raise --connect-timeout",
        "The firewall and the NetworkPolicy must allow this port to the gateway; the gateway Service must have ready endpoints.";
    ConnectUnreachable, "connect.unreachable", CONNECT, "check the address in --addr and this machine's route to it",
        "An IPv6 address needs IPv6 on this machine.";
    ConnectNoSocket, "connect.unreachable", CONNECT, "is the server running?",
        "Start it, or correct the path in --addr.";

    ProxyUnreachable, "proxy.unreachable", CONNECT, "check the proxy in HTTPS_PROXY, or exempt the server with NO_PROXY",
        "In a pod, a NetworkPolicy must allow the port of the proxy.";
    ProxyUnauthenticated, "proxy.unauthenticated", CONNECT, "put the proxy's credentials into HTTPS_PROXY, as in http://user:password@proxy:3128",
        "Characters such as @ and : in the password need percent-encoding. The client sends only Basic credentials.";
    ProxyForbidden, "proxy.forbidden", CONNECT, "allow this host and port in the proxy, or exempt the server with NO_PROXY",
        "Squid allows CONNECT only to the ports in its acl SSL_ports, which is 443 by default.";
    ProxyConnectFailure, "proxy.connect_failure", CONNECT, "check --addr and whether the proxy can reach it, or exempt the server with NO_PROXY",
        "In a pod, exempt .svc and .cluster.local: a proxy outside the cluster does not know these names.";
    ProxyNoConnect, "proxy.no_connect", CONNECT, "name an HTTP proxy that supports CONNECT in HTTPS_PROXY, or exempt the server with NO_PROXY",
        "A proxy that itself requires TLS is not supported.";

    TlsPlaintextServer, "tls.plaintext_server", TLS, "leave out --tls, or use the TLS port in --addr",
        "On a Gateway, set tls.mode SIMPLE and protocol HTTPS on the server of this port.";
    TlsClosedByPeer, "tls.closed_by_peer", TLS, "check that the gateway has a certificate for this name, or send another name with --server-name", GATEWAY_TLS;
    TlsHandshakeFailed, "tls.closed_by_peer", TLS, "inspect the connection with `greeter-client -v`", GATEWAY_TLS;
    TlsNoResponse, "tls.no_answer", TLS, "check that --addr is a TLS port, or raise --connect-timeout",
        "A gateway does not respond while the Secret of its tls.credentialName is missing.";
    TlsVersionUnsupported, "tls.version_unsupported", TLS, "enable TLS 1.2 or later on the server",
        "On a Gateway, raise tls.maxProtocolVersion.";
    TlsUnknownIssuer, "tls.unknown_issuer", TLS, "trust the issuer with --cacert FILE",
        "Or name a public issuer in the Certificate's issuerRef. If an intermediate is missing, put the whole chain into the Secret's tls.crt.";
    TlsWrongUsage, "tls.unknown_issuer", TLS, "replace the certificate with a server certificate",
        "Add `server auth` to spec.usages of the cert-manager Certificate, and delete its Secret if it is not issued again. For other issuers, set the extended key usage serverAuth.";
    TlsInvalidCertificate, "tls.unknown_issuer", TLS, "replace the certificate",
        "With cert-manager, delete the Secret to issue the certificate again.";
    TlsSelfSigned, "tls.self_signed", TLS, "trust this certificate with --cacert FILE",
        "Or replace the Secret of the Gateway's tls.credentialName with a certificate that a CA issued.";
    TlsCaAsLeaf, "tls.self_signed", TLS, "issue a server certificate from this CA",
        "Put that certificate into the Secret of the Gateway's tls.credentialName.";
    TlsStagingCertificate, "tls.staging_certificate", TLS, "get a certificate from the production authority",
        "Set spec.acme.server of the cert-manager Issuer to the production directory, then delete the Secret to issue the certificate again.";
    TlsExpired, "tls.expired", TLS, "renew the certificate",
        "With cert-manager, check the Certificate's status and events, or run cmctl renew. If the certificate is already renewed, the gateway still serves the old Secret.";
    TlsNotYetValid, "tls.not_yet_valid", TLS, "check the clocks of both machines",
        "The issuer's clock can be wrong too.";
    TlsWrongName, "tls.wrong_name", TLS, "use a name of the certificate in --addr, or verify one with --server-name",
        "Or add the name to the Certificate's spec.dnsNames and to the Gateway's hosts.";
    TlsClientCertificateRequired, "tls.client_certificate_required", TLS, "send a client certificate with --cert FILE and --key FILE",
        "If clients should need no certificate, check whether the Gateway's tls.mode is MUTUAL, or whether the port is a sidecar's under a STRICT PeerAuthentication: then call through the gateway.";
    TlsClientCertificateRejected, "tls.client_certificate_rejected", TLS, "check that --cert is valid and issued by a CA that the server trusts",
        "On a Gateway, that CA is in ca.crt of the Secret of tls.credentialName.";
    TlsClientCertificateExpired, "tls.client_certificate_rejected", TLS, "renew the certificate of --cert",
        "With cert-manager, check the status and events of the client's Certificate, or run cmctl renew.";
    TlsClientCertificateNotYetValid, "tls.client_certificate_rejected", TLS, "check the clocks of this machine and of the issuer of --cert",
        "Or wait until the certificate becomes valid.";
    TlsClientCertificateWrongUsage, "tls.client_certificate_rejected", TLS, "use a certificate for clients in --cert",
        "Add `client auth` to spec.usages of the cert-manager Certificate. For other issuers, set the extended key usage clientAuth.";
    TlsSidecarMtls, "tls.sidecar_mtls", TLS, "call through the gateway, or from a pod of the mesh, without --tls",
        "The port belongs to a sidecar under a STRICT PeerAuthentication. There is nothing to trust: only workloads of the mesh have a certificate that the sidecar accepts, and their sidecars add TLS. For clients outside the mesh, add a route to the gateway, or set portLevelMtls of this port to PERMISSIVE.";
    TlsWeakCertificate, "tls.weak_certificate", TLS, "replace the certificate with one of at least RSA 2048 bits or ECDSA P-256, signed with SHA-256",
        "With cert-manager, set spec.privateKey (algorithm, size) of the Certificate. If the issuer's key or signature is weak, replace the CA too.";
    TlsProxyProtocol, "tls.proxy_protocol", TLS, "use the address of the load balancer in front in --addr, since only that sends the PROXY protocol header",
        "Or turn off the PROXY protocol on the server: the proxyProtocol listener filter (an EnvoyFilter or meshConfig.defaultConfig.gatewayTopology.proxyProtocol) in Istio, `listen … proxy_protocol` in nginx. If the address is the load balancer's, let it send the header to its targets.";

    AlpnNone, "alpn.none", PROTOCOL, "enable ALPN h2 where TLS terminates, since gRPC requires HTTP/2, or use a port that has it",
        "In rustls, set alpn_protocols = [\"h2\"]; or terminate TLS at the Gateway (tls.mode SIMPLE).";
    AlpnHttp1Only, "alpn.http1_only", PROTOCOL, "enable HTTP/2 where TLS terminates, or use a port that has it",
        "The server's ALPN list must contain h2, not only http/1.1.";

    Http2TlsServer, "http2.tls_server", PROTOCOL, "add --tls",
        "In other clients, use https://.";
    Http2SidecarServer, "http2.tls_server", PROTOCOL, "call through the gateway, or from a pod of the mesh, since --tls does not help",
        "The port belongs to a sidecar under a STRICT PeerAuthentication, which accepts only certificates of the mesh. For clients outside the mesh, add a route to the gateway, or set portLevelMtls of this port to PERMISSIVE.";
    Http2Http1Server, "http2.http1_server", PROTOCOL, "use the server's gRPC or HTTP/2 port in --addr",
        "Or enable h2c in the server, and name the Service's port grpc or set its appProtocol to grpc.";
    Http2NotHttp, "http2.not_http", PROTOCOL, "check that --addr is a gRPC port, and whether it needs --tls",
        "The Service's targetPort may name another container port.";
    Http2NoResponse, "http2.no_answer", PROTOCOL, "check that --addr is a gRPC port and whether it needs --tls, or raise --connect-timeout",
        "The process that listens on the port may hang.";
    Http2EnhanceYourCalm, "http2.calm", PROTOCOL, "connect and ping less often, or raise the server's limits",
        "gRPC servers allow one ping in 5 minutes without data: lengthen the client's keepalive, or lower MinTime of the server's keepalive enforcement policy. Proxies limit resets and pings.";

    Http2StreamRefused, "http2.stream_refused", PROTOCOL, "try again, or raise the server's limit of concurrent streams",
        "A server refuses streams while it drains, or when SETTINGS_MAX_CONCURRENT_STREAMS is reached.";
    Http2NoStreams, "http2.stream_refused", DEADLINE, "raise SETTINGS_MAX_CONCURRENT_STREAMS of the server above 0",
        "The setting is max_concurrent_streams in hyper, tonic and Envoy, MaxConcurrentStreams in Go. A server that drains can send 0 too: try again later.";

    RouteNotFound, "route.not_found", STATUS, "check that the gateway routes this host and path to the gRPC service, or set --authority",
        "A VirtualService or GRPCRoute with this host, bound to this gateway (spec.gateways or parentRefs), must match the path's prefix.";
    RouteNotGrpc, "route.not_grpc", STATUS, "route the path's prefix to the gRPC service, or use the gRPC host or port",
        "In a VirtualService, put that route before any catch-all in http[].";
    RouteTrailersMissing, "route.not_grpc", STATUS, "use HTTP/2 on both sides of every proxy in the path, so that it forwards trailers",
        "Name the Service's port grpc, or set its appProtocol to grpc; in nginx, use grpc_pass. Without a proxy, the server omits the trailers that gRPC requires.";
    RouteMisdirected, "route.misdirected", STATUS, "use the same host in SNI and :authority (--server-name, --authority)",
        "Give each Gateway its own certificate: clients coalesce connections to hosts that share one.";
    RouteRedirect, "route.redirect", STATUS, "use the target of the redirect in --addr with --tls, since gRPC does not follow redirects",
        "The redirect comes from the Gateway's tls.httpsRedirect, or from a redirect in the VirtualService.";
    RouteLogin, "route.login", STATUS, "send the proxy's token with --header 'authorization=Bearer …', or exempt the path from the login",
        "In Google Cloud, turn off spec.iap.enabled of this backend's BackendConfig (GCPBackendPolicy: spec.default.iap.enabled), or move the path to its own backend. Elsewhere, exempt the path in the oauth2 filter or the CUSTOM AuthorizationPolicy.";
    RouteUnavailable, "route.not_grpc", STATUS, "check the load balancer's backends and the server, since one of them responds without gRPC", "The status is 502, 503 or 504, and nothing in the response identifies who made it.";
    RouteForbidden, "route.forbidden", STATUS, "check the mesh's AuthorizationPolicies for this path and caller",
        "A policy with action ALLOW must match the path (to.operation.paths, with the leading slash) and the caller (from.source), whose principal behind a gateway is the gateway's. Check for a DENY policy too.";
    RouteUnauthenticated, "route.unauthenticated", STATUS, "send a valid token, as in --header 'authorization=Bearer …'",
        "Its issuer, audience and signing key must match the RequestAuthentication's jwtRules.";
    RouteTokenMissing, "route.unauthenticated", STATUS, "send a token, as in --header 'authorization=Bearer …'",
        "The RequestAuthentication's jwtRules say who issues it (issuer) and where it is read from (fromHeaders).";
    RouteTokenExpired, "route.unauthenticated", STATUS, "get a new token and send it, as in --header 'authorization=Bearer …'",
        "If the token is new, check the clocks of its issuer and of the gateway.";
    RouteTokenAudience, "route.unauthenticated", STATUS, "send a token for this service, whose audience (aud) is in the audiences of the RequestAuthentication's jwtRules",
        "Or add the token's audience to jwtRules[].audiences. No AuthorizationPolicy is involved.";
    RouteTokenKeys, "route.unauthenticated", STATUS, "check the jwksUri of the RequestAuthentication's jwtRules, and that istiod or the gateway can fetch it",
        "A ServiceEntry or an egress rule can be missing. The token itself may be valid.";
    RouteRateLimited, "route.rate_limited", STATUS, "call less often, or raise the limit",
        "The limit is in the EnvoyFilter (local rate limit) or in the rate limit service.";
    RouteFault, "grpc.status", STATUS, "remove the abort from http[].fault of the VirtualService (or from the fault filter of an EnvoyFilter), or narrow its percentage and match", "";
    RouteDirectResponse, "grpc.status", STATUS, "check for http[].directResponse in the VirtualService",
        "Check for an EnvoyFilter too (Lua, Wasm, ext_authz, ext_proc). The response_code_details are in the gateway's access log.";

    UpstreamNoHealthy, "upstream.no_healthy", STATUS, "check that the pods behind the gateway are ready",
        "Compare the Service's selector and the DestinationRule's subset labels with the pods' labels (kubectl get endpointslices), and check its outlierDetection.";
    UpstreamConnectFailure, "upstream.connect_failure", STATUS, "make the application listen on 0.0.0.0 and on the Service's targetPort",
        "Check for a NetworkPolicy between gateway and pod. If the application listens, check that trafficPolicy.tls of its DestinationRule matches its protocol. The reason is in the gateway's access log (%UPSTREAM_TRANSPORT_FAILURE_REASON%).";
    UpstreamProtocolError, "upstream.protocol_error", STATUS, "set the Service port's appProtocol to grpc, or name the port grpc or grpc-…, so that the proxy uses HTTP/2 to it",
        "If the server speaks TLS itself, set tls.mode SIMPLE in its DestinationRule.";
    UpstreamClosed, "upstream.closed", STATUS, "check that the Service port's appProtocol is grpc or that its name starts with grpc; if so, try again and check the logs of the server and the gateway",
        "If the DestinationRule sets trafficPolicy.tls to DISABLE and the pod has a sidecar with STRICT mTLS, remove it or set ISTIO_MUTUAL; SIMPLE is only for a server that terminates TLS itself. If the calls fail now and then, make the server's keepalive longer than the DestinationRule's idleTimeout, drain on SIGTERM, and configure retries in the VirtualService.";
    UpstreamTlsMismatch, "upstream.tls_mismatch", STATUS, "make trafficPolicy.tls.mode of the service's DestinationRule match the service's protocol",
        "Use DISABLE or none for plaintext without a sidecar, ISTIO_MUTUAL for a sidecar, SIMPLE with the right caCertificates if the service speaks TLS itself.";
    UpstreamTimeout, "upstream.timeout", STATUS, "raise timeout and retries.perTryTimeout in the VirtualService, or make the server faster",
        "For long streams, set timeout to 0s, which disables it.";
    UpstreamOverflow, "upstream.overflow", STATUS, "raise connectionPool in the DestinationRule or the server's limit of concurrent streams, or send fewer requests",
        "The fields are http.http2MaxRequests, http.http1MaxPendingRequests (which limits pending HTTP/2 requests too) and tcp.maxConnections.";
    UpstreamNoCluster, "upstream.no_cluster", STATUS, "correct destination.host, subset and port in the VirtualService",
        "The Service must exist, and the subset must be in a DestinationRule that is visible to the gateway (exportTo; istioctl analyze).";

    GrpcUnimplementedService, "grpc.unimplemented_service", STATUS, "check that --addr is a server with this service (case matters in --path), or register the service there", "";
    GrpcNoHealthService, "grpc.unimplemented_service", STATUS, "add grpc.health.v1 to the server, or route /grpc.health.v1.Health/ to it", "";
    GrpcUnimplementedMethod, "grpc.unimplemented_method", STATUS, "correct the method in --path, or deploy the server's version that has it", "";
    GrpcNotServing, "grpc.not_serving", NOT_SERVING, "check the server's log, since it may be starting or draining, or wait with `health --wait`",
        "Add a gRPC readinessProbe to the pod, so that it receives no calls until it serves.";
    GrpcUnknownHealthService, "grpc.not_serving", NOT_SERVING, "check the name (package.Service), or leave it out to check the whole server", "";
    GrpcClosed, "grpc.closed", STATUS, "check the server's log: it closed the connection or the stream before it responded",
        "If a Service is in front, check first that the port's appProtocol is grpc or that its name starts with grpc.";
    GrpcDeadline, "grpc.deadline", DEADLINE, "allow more time with --timeout",
        "Or check the server's log and traces for what delays this call.";
    TooShort, "grpc.deadline", DEADLINE, "allow more time with --total-timeout", "";
    GrpcMessageTooLarge, "grpc.message_too_large", STATUS, "raise the message size limit, or page the response",
        "The limits are max_decoding_message_size and max_encoding_message_size in tonic, MaxCallRecvMsgSize in Go.";
    GrpcInvalidArgument, "grpc.status", STATUS, "correct the request, such as the name", "";
    GrpcStatus, "grpc.status", STATUS, "check the server's log, and the connection with `greeter-client -v`",
        "The connection works; the application returns this status.";
}
