import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/** Calls for some seconds from some threads, and says which pods answered and what failed: target threads seconds [header value] */
public class Client {
    public static void main(String[] arguments) throws Exception {
        int threads = Integer.parseInt(arguments[1]);
        long nanos = (long) (Double.parseDouble(arguments[2]) * 1e9);
        Metadata headers = new Metadata();
        if (arguments.length > 4) {
            headers.put(Metadata.Key.of(arguments[3], Metadata.ASCII_STRING_MARSHALLER), arguments[4]);
        }
        Channel channel = Grpc.newChannelBuilder(arguments[0], InsecureChannelCredentials.create()).build();
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
                        Thread.sleep(10);
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
        System.out.println(counts.entrySet().stream().map(Object::toString).collect(Collectors.joining(" ")));
        System.exit(0);
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
