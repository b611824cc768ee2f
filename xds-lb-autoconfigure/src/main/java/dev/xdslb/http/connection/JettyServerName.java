/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.springframework.boot.http.client.JettyClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.JettyClientHttpConnectorBuilder;

/** The same of Jetty's client. */
final class JettyServerName {
    private JettyServerName() {}

    static JettyClientHttpRequestFactoryBuilder on(
            JettyClientHttpRequestFactoryBuilder builder, String name, StartedClients started) {
        return builder.withHttpClientCustomizer(client -> on(client, name, started));
    }

    static JettyClientHttpConnectorBuilder on(
            JettyClientHttpConnectorBuilder builder, String name, StartedClients started) {
        return builder.withHttpClientCustomizer(client -> on(client, name, started));
    }

    private static void on(HttpClient client, String name, StartedClients started) {
        List<SNIServerName> names = List.of(new SNIHostName(name));
        QueuedThreadPool threads = new QueuedThreadPool();
        threads.setName("jetty-" + name);
        threads.setDaemon(true); // nobody stops the client before the context ends
        client.setExecutor(threads);
        SslContextFactory.Client tls = client.getClientConnector().getSslContextFactory();
        if (tls == null) {
            tls = new SslContextFactory.Client();
            client.getClientConnector().setSslContextFactory(tls);
        }
        tls.setSNIProvider((engine, usual) -> names);
        forgetWhereEnded(client, started);
    }

    /** Last of all, as nobody stops a client that could not be made. */
    private static void forgetWhereEnded(HttpClient client, StartedClients started) {
        AutoCloseable stop = client::stop;
        started.add(stop);
        client.addEventListener(new LifeCycle.Listener() {
            @Override
            public void lifeCycleStopped(LifeCycle stopped) {
                started.remove(stop);
            }

            /** What has started of a client whose start fails, Jetty stops by itself. */
            @Override
            public void lifeCycleFailure(LifeCycle failed, Throwable cause) {
                started.remove(stop);
            }
        });
    }
}
