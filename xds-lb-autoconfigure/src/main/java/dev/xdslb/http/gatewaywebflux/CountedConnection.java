/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.gatewaywebflux;

import dev.xdslb.http.CountedRequest;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.Connection;
import reactor.netty.NettyInbound;
import reactor.netty.NettyOutbound;

/**
 * The connection that an answer comes by, whose request ends with the body. A gateway that drops an answer, because it tries
 * again, because something failed on the way to its caller or because he is gone, disposes of the connection.
 */
final class CountedConnection implements Connection {
    private final Connection delegate;
    private final CountedRequest counted;

    CountedConnection(Connection delegate, CountedRequest counted) {
        this.delegate = delegate;
        this.counted = counted;
    }

    @Override
    public NettyInbound inbound() {
        return new CountedInbound(delegate.inbound(), counted);
    }

    @Override
    public void dispose() {
        counted.closed();
        delegate.dispose();
    }

    @Override
    public <T extends Connection> @Nullable T as(Class<T> type) {
        return delegate.as(type);
    }

    @Override
    public Channel channel() {
        return delegate.channel();
    }

    @Override
    public boolean isDisposed() {
        return delegate.isDisposed();
    }

    @Override
    public boolean isPersistent() {
        return delegate.isPersistent();
    }

    @Override
    public Mono<Void> onTerminate() {
        return delegate.onTerminate();
    }

    @Override
    public Mono<Void> onDispose() {
        return delegate.onDispose();
    }

    @Override
    public NettyOutbound outbound() {
        return delegate.outbound();
    }

    /**
     * The endpoint's connection was lost. Spring takes whatever says "connection reset" for its own caller being gone and ends the
     * answer as if all were well, so that the caller waits for the rest of it for good.
     */
    private static final class EndpointLostException extends IOException {
        private static final long serialVersionUID = 1;

        private EndpointLostException(IOException lost) {
            super("the endpoint was lost within the body of its answer");
            addSuppressed(lost); // as a cause it would be looked at
        }
    }

    private record CountedInbound(NettyInbound delegate, CountedRequest counted) implements NettyInbound {
        @Override
        public ByteBufFlux receive() {
            Flux<ByteBuf> body = delegate.receive()
                    .doOnSubscribe(subscription -> counted.awaitsBody())
                    .doOnNext(part -> counted.bodyRead(part.readableBytes()))
                    .doOnComplete(counted::completed)
                    .doOnError(counted::failed)
                    .onErrorMap(IOException.class, EndpointLostException::new)
                    .doOnCancel(counted::givenUp);
            return ByteBufFlux.fromInbound(body);
        }

        @Override
        public Flux<?> receiveObject() {
            return delegate.receiveObject();
        }

        @Override
        public NettyInbound withConnection(Consumer<? super Connection> withConnection) {
            delegate.withConnection(withConnection);
            return this;
        }
    }
}
