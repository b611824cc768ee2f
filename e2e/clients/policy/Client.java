import dev.xdslb.client.XdsLb;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/**
 * Calls for some seconds from some threads, and says which pods answered and what failed. Each line of its input says what to do: target
 * threads seconds [header value]. The argument, where there is one, is the address of the control plane for our own client ("xdslb:"), which
 * tries a call with the header x-retry up to four times. With the value * it calls two hundred times instead, each time with another value,
 * always the same two hundred. "xds:" is a scheme that grpc-java has, with io.grpc:grpc-xds.
 */
public class Client {
    private static final long PAUSE_MS = Long.parseLong(System.getenv().getOrDefault("PAUSE_MS", "10"));
    private static final int USERS = 200;

    /** Of our own client. The others are given a service config by their control plane alone. */
    private static final Map<String, ?> FOUR_ATTEMPTS = Map.of(
            "methodConfig",
            List.of(Map.of(
                    "name",
                    List.of(Map.of()),
                    "retryPolicy",
                    Map.of(
                            "maxAttempts",
                            4.0,
                            "initialBackoff",
                            "0.001s",
                            "maxBackoff",
                            "0.001s",
                            "backoffMultiplier",
                            1.0,
                            "retryableStatusCodes",
                            List.of("UNAVAILABLE")))));

    public static void main(String[] arguments) throws Exception {
        XdsLb own = arguments.length == 0
                ? null
                : XdsLb.builder().controlPlane(arguments[0]).application("policy-xds-lb").build();
        Map<String, ManagedChannel> channels = new HashMap<>();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            boolean retries = words.length > 4 && words[3].equals("x-retry");
            Channel channel = channels.computeIfAbsent(words[0], target -> channel(own, target, retries));
            if (words.length > 4 && words[4].equals("*")) {
                System.out.println("= " + callAsEachUser(channel, words[3]));
                continue;
            }
            Metadata headers = words.length > 4 ? header(words[3], words[4]) : new Metadata();
            long nanos = (long) (Double.parseDouble(words[2]) * 1e9);
            System.out.println("= " + run(channel, headers, Integer.parseInt(words[1]), nanos));
        }
        System.exit(0);
    }

    private static ManagedChannel channel(XdsLb own, String target, boolean retries) {
        ManagedChannelBuilder<?> builder = Grpc.newChannelBuilder(target, InsecureChannelCredentials.create());
        if (own != null) {
            own.bind(builder, target);
            if (retries) {
                builder.defaultServiceConfig(FOUR_ATTEMPTS);
            }
        }
        return builder.build();
    }

    private static Metadata header(String name, String value) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
        return headers;
    }

    private static String callAsEachUser(Channel channel, String header) {
        Map<String, Integer> counts = new TreeMap<>();
        for (int i = 0; i < USERS; i++) {
            String answered = call(channel, header(header, "u" + i), CallOptions.DEFAULT.withWaitForReady());
            counts.merge(answered, 1, Integer::sum);
        }
        return said(counts);
    }

    private static String run(Channel channel, Metadata headers, int threads, long nanos) throws InterruptedException {
        Map<String, Integer> counts = new TreeMap<>();
        call(channel, headers, CallOptions.DEFAULT.withWaitForReady());
        long end = System.nanoTime() + nanos;
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread worker = new Thread(() -> {
                while (System.nanoTime() < end) {
                    String answered = call(channel, headers, CallOptions.DEFAULT);
                    synchronized (counts) {
                        counts.merge(answered, 1, Integer::sum);
                    }
                    try {
                        Thread.sleep(PAUSE_MS);
                    } catch (InterruptedException e) {
                        return;
                    }
                }
            });
            workers.add(worker);
            worker.start();
        }
        for (Thread worker : workers) {
            worker.join();
        }
        return said(counts);
    }

    private static String said(Map<String, Integer> counts) {
        return counts.entrySet().stream().map(Object::toString).collect(Collectors.joining(" "));
    }

    private static String call(Channel channel, Metadata headers, CallOptions options) {
        AtomicReference<Metadata> answer = new AtomicReference<>();
        Channel told = ClientInterceptors.intercept(
                channel,
                MetadataUtils.newAttachHeadersInterceptor(headers),
                MetadataUtils.newCaptureMetadataInterceptor(answer, new AtomicReference<>()));
        try {
            ClientCalls.blockingUnaryCall(told, CHECK, options.withDeadlineAfter(20, TimeUnit.SECONDS), new byte[0]);
            return answer.get().get(Metadata.Key.of("pod", Metadata.ASCII_STRING_MARSHALLER));
        } catch (StatusRuntimeException failure) {
            return "failed:" + failure.getStatus().getCode();
        }
    }

    private static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    private static final MethodDescriptor<byte[], byte[]> CHECK = MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("grpc.health.v1.Health/Check")
            .setRequestMarshaller(BYTES)
            .setResponseMarshaller(BYTES)
            .build();
}
