//! The closed list of verdicts: each has a stable code, an exit and a fix.

use serde::{Serialize, Serializer};

use super::Step;
use crate::{DialError, Exit};

/// Defines the codes, so that none lacks an exit or a fix.
macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal, $exit:ident, $fix:literal;)*) => {
        /// What a diagnosis found.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $($(#[doc = $doc])* $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code as scripts see it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// How the program ends with it.
            #[must_use]
            pub fn exit(self) -> Exit {
                match self { $(Self::$name => Exit::$exit),* }
            }

            /// What to change, and where.
            #[must_use]
            pub fn fix(self) -> &'static str {
                match self { $(Self::$name => $fix),* }
            }
        }
    };
}

codes! {
    /// The RPC was answered.
    Ok = "ok", Success, "Nothing to fix.";

    /// The name does not resolve.
    NameNotFound = "name.not_found", Resolve,
        "Check the name in --addr and the DNS of this machine. In a cluster use <service>.<namespace>.svc; for a gateway add the DNS record of its load balancer.";
    /// The name exists without an address.
    NameNoAddress = "name.no_address", Resolve,
        "Give the name an A or AAAA record with the address in the gateway Service's status.loadBalancer.ingress.";

    /// Nothing listens.
    ConnectRefused = "connect.refused", Connect,
        "Check the port in --addr and that the server runs. In a cluster compare the Service's spec.ports[].targetPort with the port that the container listens on.";
    /// No answer to the connection attempt.
    ConnectTimeout = "connect.timeout", Connect,
        "Let the firewall, the NetworkPolicy and the load balancer pass this port to the gateway; check that the gateway Service has ready endpoints.";
    /// No route to the address.
    ConnectUnreachable = "connect.unreachable", Connect,
        "Check the address in --addr and this machine's route to it; an IPv6 address needs IPv6 here.";

    /// TLS was asked of a plaintext port.
    TlsPlaintextServer = "tls.plaintext_server", Tls,
        "Leave out --tls, or use the TLS port in --addr. On a Gateway set tls.mode SIMPLE and protocol HTTPS on the server of this port.";
    /// The peer hung up in the handshake.
    TlsClosedByPeer = "tls.closed_by_peer", Tls,
        "Give the Gateway a server whose hosts cover this name and whose tls.credentialName is a Secret in the gateway pod's namespace (istioctl proxy-config secret), or ask for another name with --server-name.";
    /// The peer says nothing in the handshake.
    TlsNoAnswer = "tls.no_answer", Tls,
        "Check that --addr is a TLS port, and that the gateway has its certificate: it waits while the Secret of tls.credentialName is missing. Wait longer with --connect-timeout.";
    /// The server has neither TLS 1.2 nor 1.3.
    TlsVersionUnsupported = "tls.version_unsupported", Tls,
        "Let the server offer TLS 1.2 or later: on a Gateway raise tls.maxProtocolVersion.";
    /// The certificate's issuer is not trusted.
    TlsUnknownIssuer = "tls.unknown_issuer", Tls,
        "Trust the issuer with --cacert FILE, or let the Certificate's issuerRef name a public one. If an intermediate is missing, put the whole chain into the Secret's tls.crt.";
    /// The certificate is its own issuer.
    TlsSelfSigned = "tls.self_signed", Tls,
        "Trust this certificate with --cacert FILE, or replace the Secret of the Gateway's tls.credentialName by one that a CA issued.";
    /// A staging authority's certificate.
    TlsStagingCertificate = "tls.staging_certificate", Tls,
        "Set spec.acme.server of the cert-manager Issuer to the production directory, then delete the Secret so that the Certificate is issued anew.";
    /// The certificate has expired.
    TlsExpired = "tls.expired", Tls,
        "Renew it: with cert-manager look at the Certificate's status and events (cmctl renew). If it is renewed, the gateway still holds the old Secret.";
    /// The certificate is not valid yet.
    TlsNotYetValid = "tls.not_yet_valid", Tls,
        "Correct the clock of this machine, or that of the issuer.";
    /// The certificate is for other names.
    TlsWrongName = "tls.wrong_name", Tls,
        "Use a name of the certificate in --addr or --server-name, or add the asked one to the Certificate's spec.dnsNames and to the Gateway's hosts.";
    /// The server wants a client certificate.
    TlsClientCertificateRequired = "tls.client_certificate_required", Tls,
        "Give yours with --cert FILE and --key FILE. If none is meant to be needed, the Gateway's tls.mode is MUTUAL, or this is a sidecar under a STRICT PeerAuthentication: go through the gateway.";
    /// The server refuses the client certificate.
    TlsClientCertificateRejected = "tls.client_certificate_rejected", Tls,
        "Give a --cert that is valid and issued by a CA in the ca.crt of the Gateway's tls.credentialName.";

    /// The TLS server does not do ALPN.
    AlpnNone = "alpn.none", Protocol,
        "Configure ALPN h2 on whatever terminates TLS at --addr (in rustls: alpn_protocols = [\"h2\"]), or let the Gateway terminate it (tls.mode SIMPLE).";
    /// The TLS server agrees to HTTP/1.1 only.
    AlpnHttp1Only = "alpn.http1_only", Protocol,
        "Turn HTTP/2 on at whatever terminates TLS at --addr: ALPN h2 beside http/1.1.";

    /// Plaintext was spoken to a TLS port.
    Http2TlsServer = "http2.tls_server", Protocol,
        "Add --tls (https:// in other clients). If this is a pod's own port, its sidecar demands mTLS by a STRICT PeerAuthentication: go through the gateway, or give the client a sidecar.";
    /// The server speaks HTTP/1.1 only.
    Http2Http1Server = "http2.http1_server", Protocol,
        "Use the gRPC port in --addr, or let the server speak h2c; name the Service's port grpc, or set its appProtocol to grpc.";
    /// The server speaks no HTTP.
    Http2NotHttp = "http2.not_http", Protocol,
        "Use the gRPC port in --addr; the Service's targetPort may lead to another container port.";
    /// The server says nothing.
    Http2NoAnswer = "http2.no_answer", Protocol,
        "Check that --addr is a gRPC port and that the process behind it is not stuck; wait longer with --connect-timeout.";
    /// The server finds this client too busy.
    Http2Calm = "http2.calm", Protocol,
        "Lengthen the client's keepalive (gRPC servers allow a ping in 5 min without data) or raise the server's limit: gRPC's MinTime of the keepalive enforcement policy, or the proxy's limits on resets and pings.";

    /// No route for this host and path.
    RouteNotFound = "route.not_found", Status,
        "Let a VirtualService or GRPCRoute with this host, bound to this gateway (spec.gateways or parentRefs), match the path's prefix; or send the host that it has with --authority.";
    /// What answers is not gRPC.
    RouteNotGrpc = "route.not_grpc", Status,
        "Route the path's prefix to the gRPC service before any catch-all in the VirtualService's http[] list, or use the gRPC host or port.";
    /// The gateway finds the host on the wrong connection.
    RouteMisdirected = "route.misdirected", Status,
        "Let SNI and :authority name one host (--server-name, --authority). Do not let two Gateways share one certificate: clients coalesce their connections.";
    /// The server sends elsewhere.
    RouteRedirect = "route.redirect", Status,
        "gRPC does not follow redirects: use the target in --addr with --tls. It comes from the Gateway's tls.httpsRedirect, or from a redirect in the VirtualService.";
    /// A login page answers.
    RouteLogin = "route.login", Status,
        "An identity-aware proxy wants a login that gRPC cannot do: send its token with --header 'authorization=Bearer …', or let the path through: in Google Cloud turn spec.iap.enabled of this backend's BackendConfig off (GCPBackendPolicy: spec.default.iap.enabled) or give the path a backend of its own; else exempt it in the oauth2 filter or the CUSTOM AuthorizationPolicy.";
    /// The gateway forbids the call.
    RouteForbidden = "route.forbidden", Status,
        "Let an AuthorizationPolicy with action ALLOW match this path (to.operation.paths, with the leading slash) and this caller (from.source); look for a DENY and for the gateway's own principal.";
    /// The gateway wants credentials.
    RouteUnauthenticated = "route.unauthenticated", Status,
        "Send a valid token with --header 'authorization=Bearer …'; issuer, audience and keys are those in the RequestAuthentication's jwtRules.";
    /// The gateway limits the rate.
    RouteRateLimited = "route.rate_limited", Status,
        "Call less often, or raise the limit in the EnvoyFilter (local rate limit) or in the rate limit service.";

    /// The gateway has nowhere to send it.
    UpstreamNoHealthy = "upstream.no_healthy", Status,
        "Get the pods ready (kubectl get endpointslices); compare the Service's selector and the DestinationRule's subset labels with the pods' labels, and its outlierDetection.";
    /// The gateway cannot connect to the service.
    UpstreamConnectFailure = "upstream.connect_failure", Status,
        "Let the application listen on 0.0.0.0 and the port in the Service's targetPort; look for a NetworkPolicy between gateway and pod. If it does listen, compare trafficPolicy.tls of its DestinationRule with what it speaks; the gateway's access log has the reason (%UPSTREAM_TRANSPORT_FAILURE_REASON%).";
    /// The gateway and the service speak different protocols.
    UpstreamProtocolError = "upstream.protocol_error", Status,
        "Name the Service's port grpc or grpc-…, or set its appProtocol to grpc, so that the proxy speaks HTTP/2 to it; if the server speaks TLS itself, set tls.mode SIMPLE in its DestinationRule.";
    /// The service hung up.
    UpstreamClosed = "upstream.closed", Status,
        "Look at the server's log for a crash. Let it outlive its connections: keepalive longer than the DestinationRule's idleTimeout, a drain on SIGTERM, and retries in the VirtualService. If it speaks TLS itself, set tls.mode SIMPLE in its DestinationRule.";
    /// TLS between the gateway and the service fails.
    UpstreamTlsMismatch = "upstream.tls_mismatch", Status,
        "Make trafficPolicy.tls.mode of the service's DestinationRule fit what it speaks: DISABLE or none for plaintext without a sidecar, ISTIO_MUTUAL for a sidecar, SIMPLE with the right caCertificates for TLS of its own.";
    /// The gateway ran out of patience.
    UpstreamTimeout = "upstream.timeout", Status,
        "Raise timeout and retries.perTryTimeout in the VirtualService (0s: none; streams need that), or make the server faster.";
    /// The gateway's limits are reached.
    UpstreamOverflow = "upstream.overflow", Status,
        "Raise connectionPool.http.http2MaxRequests and http1MaxPendingRequests (which limits pending HTTP/2 requests too) and tcp.maxConnections in the DestinationRule, or the server's limit of concurrent streams; or send less.";
    /// The route names a service that the gateway does not know.
    UpstreamNoCluster = "upstream.no_cluster", Status,
        "Correct destination.host, subset and port in the VirtualService: the Service has to exist, and the subset in a DestinationRule that the gateway sees (exportTo; istioctl analyze).";

    /// The server does not have the service.
    GrpcUnimplementedService = "grpc.unimplemented_service", Status,
        "Correct the package and service in --path (their case counts), or register the service in the server.";
    /// The server has the service, but not the method.
    GrpcUnimplementedMethod = "grpc.unimplemented_method", Status,
        "Correct the method in --path, or deploy the server's version that has it.";
    /// The server says that it is not serving.
    GrpcNotServing = "grpc.not_serving", NotServing,
        "Find out what the server waits for, or whether it drains; give the pod a gRPC readinessProbe, so that it gets no calls meanwhile.";
    /// No answer in time.
    GrpcDeadline = "grpc.deadline", Deadline,
        "Allow more with --timeout, or find what keeps the server: its log and traces have this call.";
    /// A message is too large.
    GrpcMessageTooLarge = "grpc.message_too_large", Status,
        "Raise the limit on the side that is named: max_decoding_message_size and max_encoding_message_size in tonic, MaxCallRecvMsgSize in Go; or page the answer.";
    /// The server's own answer is an error.
    GrpcStatus = "grpc.status", Status,
        "The connection is well, the application refuses: its message and its log say why.";
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl From<&DialError> for Code {
    fn from(error: &DialError) -> Self {
        match error {
            DialError::NameNotFound { .. } => Self::NameNotFound,
            DialError::NameHasNoAddress { .. } => Self::NameNoAddress,
            DialError::Refused { .. } => Self::ConnectRefused,
            DialError::ConnectTimeout { .. } => Self::ConnectTimeout,
            DialError::Unreachable { .. } => Self::ConnectUnreachable,
            DialError::PlaintextServer { .. } => Self::TlsPlaintextServer,
            // An alert ends the handshake as a hang-up does; its words are in the cause.
            DialError::TlsClosed { .. } | DialError::Tls { .. } => Self::TlsClosedByPeer,
            DialError::TlsNoAnswer => Self::TlsNoAnswer,
            DialError::TlsVersion { .. } => Self::TlsVersionUnsupported,
            DialError::UnknownIssuer { .. }
            | DialError::WrongUsage
            | DialError::InvalidCertificate { .. } => Self::TlsUnknownIssuer,
            DialError::SelfSigned { .. } | DialError::CaAsLeaf { .. } => Self::TlsSelfSigned,
            DialError::StagingIssuer { .. } => Self::TlsStagingCertificate,
            DialError::Expired { .. } => Self::TlsExpired,
            DialError::NotYetValid { .. } => Self::TlsNotYetValid,
            DialError::WrongName { .. } => Self::TlsWrongName,
            DialError::ClientCertificateRequired => Self::TlsClientCertificateRequired,
            DialError::ClientCertificateRejected { .. } => Self::TlsClientCertificateRejected,
            DialError::NoAlpn => Self::AlpnNone,
            DialError::NoH2 => Self::AlpnHttp1Only,
            DialError::TlsServer => Self::Http2TlsServer,
            DialError::Http1Server => Self::Http2Http1Server,
            DialError::NotHttp2 | DialError::Http2Closed => Self::Http2NotHttp,
            DialError::Http2NoAnswer => Self::Http2NoAnswer,
            DialError::Calm => Self::Http2Calm,
        }
    }
}

/// What to change, where an error's code stands for others as well.
pub(super) fn fix(error: &DialError) -> Option<&'static str> {
    matches!(error, DialError::WrongUsage).then_some(
        "Add `server auth` to spec.usages of the cert-manager Certificate, and delete its Secret if it is not issued anew; another issuer has to set the extended key usage serverAuth.",
    )
}

impl Code {
    /// The stage that fails with this code; the last one for [`Code::Ok`].
    #[must_use]
    pub fn step(self) -> Step {
        let group = self.as_str().split('.').next().unwrap_or_default();
        match group {
            "name" => Step::Resolve,
            "connect" => Step::Connect,
            "tls" => Step::Tls,
            "alpn" => Step::Alpn,
            "http2" => Step::Http2,
            "route" => Step::Route,
            "upstream" | "grpc" if self != Self::GrpcNotServing => Step::Rpc,
            _ => Step::Health,
        }
    }
}
