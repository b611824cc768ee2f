/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import dev.xdslb.controlplane.gateway.GatewayKey;
import dev.xdslb.controlplane.gateway.GatewayView.PortView;
import dev.xdslb.controlplane.gateway.GatewayView.Section;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.extensions.filters.http.cors.v3.Cors;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.PathWithEscapedSlashesAction;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters;
import java.time.Duration;

/**
 * A port of a Gateway as a Listener of an Envoy that anybody may call. Its bounds are those of Envoy's guide "Configuring
 * Envoy as an edge proxy"; without its {@code request_timeout}, which would end long uploads and streams that make
 * progress. What a client does not send, {@code stream_idle_timeout} ends.
 *
 * <p>Nothing of the routes is in it, so that a change of a route opens and closes no connection.
 */
final class GatewayListenerTranslation {
    /** Of IPv4. Where the kernel has no IPv6, Envoy refuses a listener with any address of it ("malformed IP address: ::"). */
    private static final String EVERYWHERE = "0.0.0.0";

    private static final String EVERYWHERE_OF_IPV6 = "::";
    private static final int CONNECTION_BUFFER = 32 << 10;
    private static final int STREAMS = 100; // at once on a connection
    private static final int STREAM_WINDOW = 64 << 10;
    private static final int CONNECTION_WINDOW = 1 << 20;
    private static final Duration IDLE_CONNECTION = Duration.ofHours(1);
    private static final Duration IDLE_STREAM = Duration.ofMinutes(5);
    private static final Duration HEADERS = Duration.ofSeconds(10);
    private static final Duration HANDSHAKE = Duration.ofSeconds(10);

    /**
     * No caller is one of us, whatever its address, so that x-envoy-* headers are taken off all requests. An address that no
     * caller has stands for "none": an empty list means those of private networks.
     */
    private static final HttpConnectionManager.InternalAddressConfig NOBODY =
            HttpConnectionManager.InternalAddressConfig.newBuilder()
                    .addCidrRanges(CidrRange.newBuilder()
                            .setAddressPrefix("255.255.255.255")
                            .setPrefixLen(UInt32Value.of(32)))
                    .build();

    private GatewayListenerTranslation() {}

    static Listener translate(GatewayKey gateway, PortView port) {
        Listener.Builder listener = Listener.newBuilder()
                .setName(new GatewayName(gateway, port.number(), "").toString())
                .setAddress(Address.newBuilder()
                        .setSocketAddress(SocketAddress.newBuilder()
                                .setAddress(port.dualStack() ? EVERYWHERE_OF_IPV6 : EVERYWHERE)
                                .setIpv4Compat(port.dualStack()) // one socket for both
                                .setPortValue(port.number())))
                .setPerConnectionBufferLimitBytes(UInt32Value.of(CONNECTION_BUFFER));
        if (port.tls()) {
            listener.addListenerFilters(ListenerFilter.newBuilder()
                    .setName("envoy.filters.listener.tls_inspector")
                    .setTypedConfig(Any.pack(TlsInspector.getDefaultInstance())));
        }
        for (Section section : port.sections()) {
            GatewayName routes = new GatewayName(gateway, port.number(), section.name());
            FilterChain.Builder chain = FilterChain.newBuilder()
                    .addFilters(Filter.newBuilder()
                            .setName("envoy.filters.network.http_connection_manager")
                            .setTypedConfig(pack(manager(routes))));
            if (port.tls()) {
                chain.setName(section.name())
                        .setTransportSocket(TransportSocket.newBuilder()
                                .setName("envoy.transport_sockets.tls")
                                .setTypedConfig(Any.pack(tls(section))))
                        .setTransportSocketConnectTimeout(HostTranslation.duration(HANDSHAKE));
                if (!section.hostname().isEmpty()) {
                    chain.setFilterChainMatch(FilterChainMatch.newBuilder().addServerNames(section.hostname()));
                }
            }
            listener.addFilterChains(chain);
        }
        return listener.build();
    }

    private static HttpConnectionManager manager(GatewayName routes) {
        return HttpConnectionManager.newBuilder()
                .setStatPrefix(routes.toString().replace('/', '.').replace(':', '.'))
                .setRds(Rds.newBuilder().setRouteConfigName(routes.toString()).setConfigSource(SameStream.SOURCE))
                .setUseRemoteAddress(BoolValue.of(true))
                .setInternalAddressConfig(NOBODY)
                .setNormalizePath(BoolValue.of(true))
                .setPathWithEscapedSlashesAction(PathWithEscapedSlashesAction.UNESCAPE_AND_REDIRECT)
                .setCommonHttpProtocolOptions(HttpProtocolOptions.newBuilder()
                        .setIdleTimeout(HostTranslation.duration(IDLE_CONNECTION))
                        .setHeadersWithUnderscoresAction(
                                HttpProtocolOptions.HeadersWithUnderscoresAction.REJECT_REQUEST))
                .setHttp2ProtocolOptions(Http2ProtocolOptions.newBuilder()
                        .setMaxConcurrentStreams(UInt32Value.of(STREAMS))
                        .setInitialStreamWindowSize(UInt32Value.of(STREAM_WINDOW))
                        .setInitialConnectionWindowSize(UInt32Value.of(CONNECTION_WINDOW)))
                .setStreamIdleTimeout(HostTranslation.duration(IDLE_STREAM))
                .setRequestHeadersTimeout(HostTranslation.duration(HEADERS))
                .addUpgradeConfigs(
                        HttpConnectionManager.UpgradeConfig.newBuilder().setUpgradeType("websocket"))
                .addHttpFilters(HttpFilter.newBuilder()
                        .setName(HostTranslation.CORS_FILTER)
                        .setTypedConfig(Any.pack(Cors.getDefaultInstance())))
                .addHttpFilters(HttpFilter.newBuilder()
                        .setName("envoy.filters.http.router")
                        .setTypedConfig(Any.pack(Router.getDefaultInstance())))
                .build();
    }

    private static DownstreamTlsContext tls(Section section) {
        CommonTlsContext.Builder common = CommonTlsContext.newBuilder()
                .setTlsParams(
                        TlsParameters.newBuilder().setTlsMinimumProtocolVersion(TlsParameters.TlsProtocol.TLSv1_2))
                .addAlpnProtocols("h2")
                .addAlpnProtocols("http/1.1");
        section.certificates()
                .forEach(certificate -> common.addTlsCertificateSdsSecretConfigs(SdsSecretConfig.newBuilder()
                        .setName(certificate.toString())
                        .setSdsConfig(SameStream.SOURCE)));
        return DownstreamTlsContext.newBuilder().setCommonTlsContext(common).build();
    }

    private static Any pack(Message message) {
        return Any.pack(message);
    }
}
