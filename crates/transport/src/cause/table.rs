//! The rows: name, code, exit code, hint, and where to fix it in the mesh.

use crate::Exit;

/// What a gateway needs to serve TLS for a name.
const GATEWAY_TLS: &str = "A Gateway needs a server whose hosts cover the name and whose tls.credentialName is a Secret in the gateway pod's namespace (istioctl proxy-config secret).";

causes! {
    Ok, "ok", SUCCESS, "nothing to fix", "";

    NameNotFound, "name.not_found", RESOLVE, "check the name in --addr and this machine's DNS",
        "In a cluster, use <service>.<namespace>.svc; for a gateway, add a DNS record for its load balancer.";
    NameNoAddress, "name.no_address", RESOLVE, "give the name an A or AAAA record",
        "A gateway's address is in its Service's status.loadBalancer.ingress.";

    ConnectRefused, "connect.refused", CONNECT, "check the port in --addr and that the server runs",
        "In a cluster, compare the Service's spec.ports[].targetPort with the port that the container listens on.";
    ConnectTimeout, "connect.timeout", CONNECT, "check the address, firewalls and load balancer, or wait longer with --connect-timeout",
        "The firewall and the NetworkPolicy must let this port pass to the gateway; the gateway Service must have ready endpoints.";
    ConnectUnreachable, "connect.unreachable", CONNECT, "check the address in --addr and this machine's route to it",
        "An IPv6 address needs IPv6 on this machine.";
    ConnectNoSocket, "connect.unreachable", CONNECT, "is the server running?",
        "Start it, or correct the path in --addr.";

    TlsPlaintextServer, "tls.plaintext_server", TLS, "leave out --tls, or use the TLS port in --addr",
        "On a Gateway, set tls.mode SIMPLE and protocol HTTPS on the server of this port.";
    TlsClosedByPeer, "tls.closed_by_peer", TLS, "check that the gateway has a certificate for this name, or ask for another name with --server-name", GATEWAY_TLS;
    TlsHandshakeFailed, "tls.closed_by_peer", TLS, "look at the connection with `greeter-client -v`", GATEWAY_TLS;
    TlsNoAnswer, "tls.no_answer", TLS, "check that --addr is a TLS port, or wait longer with --connect-timeout",
        "A gateway does not respond while the Secret of its tls.credentialName is missing.";
    TlsVersionUnsupported, "tls.version_unsupported", TLS, "let the server offer TLS 1.2 or later",
        "On a Gateway, raise tls.maxProtocolVersion.";
    TlsUnknownIssuer, "tls.unknown_issuer", TLS, "trust the issuer with --cacert FILE",
        "Or let the Certificate's issuerRef name a public issuer. If an intermediate is missing, put the whole chain into the Secret's tls.crt.";
    TlsWrongUsage, "tls.unknown_issuer", TLS, "replace the certificate with one for servers",
        "Add `server auth` to spec.usages of the cert-manager Certificate, and delete its Secret if it is not issued again; another issuer must set the extended key usage serverAuth.";
    TlsInvalidCertificate, "tls.unknown_issuer", TLS, "replace the certificate",
        "With cert-manager, delete the Secret, so that the certificate is issued again.";
    TlsSelfSigned, "tls.self_signed", TLS, "trust this certificate with --cacert FILE",
        "Or replace the Secret of the Gateway's tls.credentialName with one that a CA issued.";
    TlsCaAsLeaf, "tls.self_signed", TLS, "let this CA issue a certificate for the server",
        "Put that certificate into the Secret of the Gateway's tls.credentialName.";
    TlsStagingCertificate, "tls.staging_certificate", TLS, "get a certificate from the production authority",
        "Set spec.acme.server of the cert-manager Issuer to the production directory, then delete the Secret, so that the certificate is issued again.";
    TlsExpired, "tls.expired", TLS, "renew the certificate",
        "With cert-manager, look at the Certificate's status and events (cmctl renew). If it is renewed, the gateway still serves the old Secret.";
    TlsNotYetValid, "tls.not_yet_valid", TLS, "check the clocks of both machines",
        "The issuer's clock may be wrong, too.";
    TlsWrongName, "tls.wrong_name", TLS, "use a name of the certificate in --addr, or verify one with --server-name",
        "Or add the name to the Certificate's spec.dnsNames and to the Gateway's hosts.";
    TlsClientCertificateRequired, "tls.client_certificate_required", TLS, "send a client certificate with --cert FILE and --key FILE",
        "If none should be needed, the Gateway's tls.mode is MUTUAL, or this is a sidecar under a STRICT PeerAuthentication: go through the gateway.";
    TlsClientCertificateRejected, "tls.client_certificate_rejected", TLS, "check that --cert is valid and issued by a CA that the server trusts",
        "On a Gateway, that CA is in ca.crt of the Secret of tls.credentialName.";

    AlpnNone, "alpn.none", PROTOCOL, "configure ALPN h2 where TLS ends, since gRPC needs HTTP/2, or use a port that has it",
        "In rustls, set alpn_protocols = [\"h2\"]; or let the Gateway terminate TLS (tls.mode SIMPLE).";
    AlpnHttp1Only, "alpn.http1_only", PROTOCOL, "turn on HTTP/2 where TLS ends, or use a port that has it",
        "ALPN must offer h2 beside http/1.1.";

    Http2TlsServer, "http2.tls_server", PROTOCOL, "add --tls",
        "In other clients, use https://. If this is a pod's own port, its sidecar demands mTLS by a STRICT PeerAuthentication: go through the gateway, or give the client a sidecar.";
    Http2Http1Server, "http2.http1_server", PROTOCOL, "use the server's gRPC or HTTP/2 port in --addr",
        "Or let the server speak h2c; name the Service's port grpc, or set its appProtocol to grpc.";
    Http2NotHttp, "http2.not_http", PROTOCOL, "check that --addr is a gRPC port, and whether it needs --tls",
        "The Service's targetPort may lead to another container port.";
    Http2NoAnswer, "http2.no_answer", PROTOCOL, "check that --addr is a gRPC port and whether it needs --tls, or wait longer with --connect-timeout",
        "The process behind the port may hang.";
    Http2EnhanceYourCalm, "http2.calm", PROTOCOL, "connect and ping less often, or raise the server's limits",
        "gRPC servers allow one ping in 5 minutes without data: lengthen the client's keepalive, or lower MinTime of the server's keepalive enforcement policy. Proxies limit resets and pings.";

    RouteNotFound, "route.not_found", STATUS, "check that the gateway routes this host and path to the gRPC service, or set --authority",
        "A VirtualService or GRPCRoute with this host, bound to this gateway (spec.gateways or parentRefs), must match the path's prefix.";
    RouteNotGrpc, "route.not_grpc", STATUS, "route the path's prefix to the gRPC service, or use the gRPC host or port",
        "In a VirtualService, put that route before any catch-all in http[].";
    RouteTrailersMissing, "route.not_grpc", STATUS, "let every proxy on the way speak HTTP/2 on both sides, so that it passes trailers on",
        "Name the Service's port grpc, or set its appProtocol to grpc; in nginx, use grpc_pass. Without a proxy, the server does not end its calls as gRPC requires.";
    RouteMisdirected, "route.misdirected", STATUS, "let SNI and :authority name one host (--server-name, --authority)",
        "Do not let two Gateways share one certificate: clients coalesce their connections.";
    RouteRedirect, "route.redirect", STATUS, "use the target of the redirect in --addr with --tls, since gRPC does not follow redirects",
        "The redirect comes from the Gateway's tls.httpsRedirect, or from a redirect in the VirtualService.";
    RouteLogin, "route.login", STATUS, "send the proxy's token with --header 'authorization=Bearer …', or exempt the path from the login",
        "In Google Cloud, turn off spec.iap.enabled of this backend's BackendConfig (GCPBackendPolicy: spec.default.iap.enabled), or give the path a backend of its own; elsewhere, exempt the path in the oauth2 filter or the CUSTOM AuthorizationPolicy.";
    RouteForbidden, "route.forbidden", STATUS, "check the mesh's AuthorizationPolicies for this path and caller",
        "A policy with action ALLOW must match the path (to.operation.paths, with the leading slash) and the caller (from.source); look for a DENY policy and for the gateway's own principal.";
    RouteUnauthenticated, "route.unauthenticated", STATUS, "send a valid token, as in --header 'authorization=Bearer …'",
        "Issuer, audience and keys are those in the RequestAuthentication's jwtRules.";
    RouteRateLimited, "route.rate_limited", STATUS, "call less often, or raise the limit",
        "The limit is in the EnvoyFilter (local rate limit) or in the rate limit service.";
    RouteFault, "grpc.status", STATUS, "remove the abort from http[].fault of the VirtualService (or from the fault filter of an EnvoyFilter), or narrow its percentage and match", "";
    RouteDirectResponse, "grpc.status", STATUS, "look for http[].directResponse in the VirtualService",
        "Or for an EnvoyFilter (Lua, Wasm, ext_authz, ext_proc); the gateway's log has the response_code_details.";

    UpstreamNoHealthy, "upstream.no_healthy", STATUS, "check that the pods behind the gateway are ready",
        "Compare the Service's selector and the DestinationRule's subset labels with the pods' labels (kubectl get endpointslices), and look at its outlierDetection.";
    UpstreamConnectFailure, "upstream.connect_failure", STATUS, "let the application listen on 0.0.0.0 and the port in the Service's targetPort",
        "Look for a NetworkPolicy between gateway and pod. If the application listens, compare trafficPolicy.tls of its DestinationRule with what it speaks; the gateway's access log has the reason (%UPSTREAM_TRANSPORT_FAILURE_REASON%).";
    UpstreamProtocolError, "upstream.protocol_error", STATUS, "name the Service's port grpc or grpc-…, or set its appProtocol to grpc, so that the proxy speaks HTTP/2 to it",
        "If the server speaks TLS itself, set tls.mode SIMPLE in its DestinationRule.";
    UpstreamClosed, "upstream.closed", STATUS, "try again; if it lasts, look at the logs of the server and the gateway",
        "Let the server outlive its connections: keepalive longer than the DestinationRule's idleTimeout, a drain on SIGTERM, and retries in the VirtualService. If it speaks TLS itself, set tls.mode SIMPLE in its DestinationRule.";
    UpstreamTlsMismatch, "upstream.tls_mismatch", STATUS, "make trafficPolicy.tls.mode of the service's DestinationRule fit what the service speaks",
        "Use DISABLE or none for plaintext without a sidecar, ISTIO_MUTUAL for a sidecar, SIMPLE with the right caCertificates for TLS of its own.";
    UpstreamTimeout, "upstream.timeout", STATUS, "raise timeout and retries.perTryTimeout in the VirtualService, or make the server faster",
        "0s turns the timeout off, which streams need.";
    UpstreamOverflow, "upstream.overflow", STATUS, "raise connectionPool in the DestinationRule or the server's limit of concurrent streams, or send less",
        "The fields are http.http2MaxRequests, http.http1MaxPendingRequests (which limits pending HTTP/2 requests too) and tcp.maxConnections.";
    UpstreamNoCluster, "upstream.no_cluster", STATUS, "correct destination.host, subset and port in the VirtualService",
        "The Service must exist, and the subset must be in a DestinationRule that the gateway sees (exportTo; istioctl analyze).";

    GrpcUnimplementedService, "grpc.unimplemented_service", STATUS, "correct the package and service in --path (case matters), or register the service in the server", "";
    GrpcNoHealthService, "grpc.unimplemented_service", STATUS, "add grpc.health.v1 to the server, or route /grpc.health.v1.Health/ to it", "";
    GrpcUnimplementedMethod, "grpc.unimplemented_method", STATUS, "correct the method in --path, or deploy the server's version that has it", "";
    GrpcNotServing, "grpc.not_serving", NOT_SERVING, "look at the server's log, since it may be starting or draining, or wait with `health --wait`",
        "Give the pod a gRPC readinessProbe, so that it gets no calls meanwhile.";
    GrpcUnknownHealthService, "grpc.not_serving", NOT_SERVING, "check the name (package.Service), or leave it out to ask for the whole server", "";
    GrpcDeadline, "grpc.deadline", DEADLINE, "allow more time with --timeout",
        "Or find out what delays the server: its log and traces have this call.";
    TooShort, "grpc.deadline", DEADLINE, "allow more time with --total-timeout", "";
    GrpcMessageTooLarge, "grpc.message_too_large", STATUS, "raise the limit on the side that is named, or page the response",
        "The limits are max_decoding_message_size and max_encoding_message_size in tonic, MaxCallRecvMsgSize in Go.";
    GrpcInvalidArgument, "grpc.status", STATUS, "correct what is sent, such as the name", "";
    GrpcStatus, "grpc.status", STATUS, "look at the server's log, and at the connection with `greeter-client -v`",
        "The connection works; the application returns this status.";
}
