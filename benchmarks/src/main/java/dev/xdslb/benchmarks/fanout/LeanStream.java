/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One connection with one gRPC stream on it: as much of HTTP/2 (RFC 9113) and gRPC as that needs, because 5,000 channels of a gRPC
 * library would take the processor that the server is to be measured on. Header blocks that come are not decoded. Windows are as
 * large as grpc-java's at its start.
 *
 * <p>Confined to the event loop.
 */
final class LeanStream extends ByteToMessageDecoder {
    private static final int WINDOW = 1 << 20;
    private static final int INITIAL_CONNECTION_WINDOW = 65_535;
    private static final int HEADER = 9;
    private static final int PREFIX = 5;
    private static final int STREAM = 1;

    private static final byte DATA = 0;
    private static final byte HEADERS = 1;
    private static final byte RST_STREAM = 3;
    private static final byte SETTINGS = 4;
    private static final byte PING = 6;
    private static final byte WINDOW_UPDATE = 8;
    private static final byte ACK = 1;
    private static final byte END_STREAM = 1;
    private static final byte END_HEADERS = 4;

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final String path;
    private final byte[] firstRequest;
    private final Listener listener;

    private @Nullable ChannelHandlerContext context;
    private final byte[] prefix = new byte[PREFIX];
    private int prefixFilled;
    private byte[] message = new byte[0];
    private int filled;
    private int consumed; // since the last window update

    /** Who hears of the stream, on the event loop. */
    interface Listener {
        /** A response has come. */
        void response(LeanStream stream, byte[] message);

        /** A frame of so many bytes has come, its header included. */
        void frame(int bytes);

        /** The stream has ended, whoever ended it. May be called more than once. */
        void ended(LeanStream stream);
    }

    LeanStream(String path, byte[] firstRequest, Listener listener) {
        this.path = path;
        this.firstRequest = firstRequest;
        this.listener = listener;
    }

    /** Sends a request; flushed when all that has come is read. */
    void send(byte[] request) {
        ChannelHandlerContext open = requireNonNull(context);
        ByteBuf out = open.alloc().buffer(HEADER + PREFIX + request.length);
        frame(out, PREFIX + request.length, DATA, (byte) 0, STREAM);
        out.writeByte(0).writeInt(request.length).writeBytes(request);
        write(open, out);
    }

    /** Goes on or stops to read from the connection. */
    void read(boolean on) {
        requireNonNull(context).channel().config().setAutoRead(on);
    }

    void close() {
        if (context != null) {
            end(context);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void channelActive(ChannelHandlerContext active) throws Exception {
        if (active.pipeline().get(SslHandler.class) == null) {
            begin(active, 0x86); // :scheme http
        }
        super.channelActive(active);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext active, Object event) throws Exception {
        if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
            begin(active, 0x87); // :scheme https
        }
        super.userEventTriggered(active, event);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext active) throws Exception {
        active.flush();
        super.channelReadComplete(active);
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) throws Exception {
        super.channelInactive(inactive);
        listener.ended(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext failed, Throwable cause) {
        end(failed); // a server that was killed resets its connections
    }

    @Override
    protected void decode(ChannelHandlerContext active, ByteBuf in, List<Object> out) {
        while (in.readableBytes() >= HEADER) {
            int start = in.readerIndex();
            int length = in.getUnsignedMedium(start);
            if (in.readableBytes() < HEADER + length) {
                return;
            }
            listener.frame(HEADER + length);
            in.readerIndex(start + HEADER);
            frame(active, in.getByte(start + 3), in.getByte(start + 4), in.slice(start + HEADER, length));
            in.readerIndex(start + HEADER + length);
        }
    }

    private void begin(ChannelHandlerContext active, int scheme) {
        ByteBuf out = active.alloc().buffer();
        out.writeBytes(PREFACE);
        frame(out, 12, SETTINGS, (byte) 0, 0);
        out.writeShort(2).writeInt(0); // ENABLE_PUSH
        out.writeShort(4).writeInt(WINDOW); // INITIAL_WINDOW_SIZE
        frame(out, 4, WINDOW_UPDATE, (byte) 0, 0);
        out.writeInt(WINDOW - INITIAL_CONNECTION_WINDOW);
        ByteBuf headers = active.alloc().buffer();
        headers.writeByte(0x83).writeByte(scheme); // :method POST; RFC 7541, appendix A
        literal(headers.writeByte(0x04), path); // :path
        literal(headers.writeByte(0x01), "localhost"); // :authority
        literal(headers.writeByte(0x0f).writeByte(0x10), "application/grpc"); // content-type
        literal(literal(headers.writeByte(0x00), "te"), "trailers");
        frame(out, headers.readableBytes(), HEADERS, END_HEADERS, STREAM);
        out.writeBytes(headers);
        headers.release();
        write(active, out);
        send(firstRequest);
        active.flush();
    }

    private void frame(ChannelHandlerContext active, byte type, byte flags, ByteBuf payload) {
        switch (type) {
            case DATA -> {
                consumed += payload.readableBytes();
                while (payload.isReadable()) {
                    data(payload);
                }
                if (consumed >= WINDOW / 2) {
                    ByteBuf out = active.alloc().buffer();
                    for (int stream = 0; stream <= STREAM; stream++) {
                        frame(out, 4, WINDOW_UPDATE, (byte) 0, stream);
                        out.writeInt(consumed);
                    }
                    consumed = 0;
                    write(active, out);
                }
            }
            case HEADERS -> {
                if ((flags & END_STREAM) != 0) {
                    end(active);
                }
            }
            case RST_STREAM -> end(active);
            case SETTINGS -> {
                if ((flags & ACK) == 0) {
                    ByteBuf out = active.alloc().buffer();
                    frame(out, 0, SETTINGS, ACK, 0);
                    write(active, out);
                }
            }
            case PING -> {
                if ((flags & ACK) == 0) {
                    ByteBuf out = active.alloc().buffer();
                    frame(out, payload.readableBytes(), PING, ACK, 0);
                    out.writeBytes(payload);
                    write(active, out);
                }
            }
            default -> {} // the rest says nothing that matters here
        }
    }

    private void data(ByteBuf payload) {
        if (prefixFilled < PREFIX) {
            int part = Math.min(PREFIX - prefixFilled, payload.readableBytes());
            payload.readBytes(prefix, prefixFilled, part);
            prefixFilled += part;
            if (prefixFilled < PREFIX) {
                return;
            }
            int length = prefix[1] << 24 | (prefix[2] & 255) << 16 | (prefix[3] & 255) << 8 | (prefix[4] & 255);
            message = new byte[length];
            filled = 0;
        }
        int part = Math.min(message.length - filled, payload.readableBytes());
        payload.readBytes(message, filled, part);
        filled += part;
        if (filled == message.length) {
            byte[] whole = message;
            message = new byte[0];
            prefixFilled = 0;
            listener.response(this, whole);
        }
    }

    private static void frame(ByteBuf out, int length, byte type, byte flags, int stream) {
        out.writeMedium(length).writeByte(type).writeByte(flags).writeInt(stream);
    }

    private static ByteBuf literal(ByteBuf out, String text) {
        out.writeByte(text.length());
        ByteBufUtil.writeAscii(out, text);
        return out;
    }

    /** A write that fails ends the connection, and that is heard of. */
    private static void write(ChannelHandlerContext open, ByteBuf out) {
        ChannelFuture unused = open.write(out, open.voidPromise());
    }

    private static void end(ChannelHandlerContext open) {
        ChannelFuture unused = open.close();
    }
}
