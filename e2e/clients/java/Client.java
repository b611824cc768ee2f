// Calls a service by xDS, up to two hundred times a second, and says each second which pods answered: target, for "xdslb:" the
// control plane, and a header and its value where there is to be one

import dev.xdslb.client.XdsLb;
import io.grpc.CallOptions;
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
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

class Client {
    private static final Metadata.Key<String> POD = Metadata.Key.of("pod", Metadata.ASCII_STRING_MARSHALLER);

    private static final MethodDescriptor<byte[], byte[]> CHECK = MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("grpc.health.v1.Health/Check")
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();

    public static void main(String[] arguments) throws InterruptedException {
        String target = arguments[0];
        if (target.startsWith("xdslb:")) { // our own client; "xds:" is a scheme that grpc-java has, with io.grpc:grpc-xds
            XdsLb.builder().controlPlane(arguments[1]).application("xds-lb").build();
        }
        ManagedChannelBuilder<?> builder = Grpc.newChannelBuilder(target, InsecureChannelCredentials.create());
        ManagedChannel channel = builder.userAgent(target.startsWith("xdslb:") ? "xds-lb" : "java").build();
        Metadata said = new Metadata();
        if (arguments.length > 2) {
            said.put(
                    Metadata.Key.of(arguments[arguments.length - 2], Metadata.ASCII_STRING_MARSHALLER),
                    arguments[arguments.length - 1]);
        }
        TreeMap<String, Integer> answers = new TreeMap<>();
        long printed = System.nanoTime();
        while (true) {
            answers.merge(podThatAnswers(channel, said), 1, Integer::sum);
            if (System.nanoTime() - printed >= 1_000_000_000) {
                System.out.println(answers.entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining(" ")));
                answers.clear();
                printed = System.nanoTime();
            }
            Thread.sleep(5);
        }
    }

    private static String podThatAnswers(ManagedChannel channel, Metadata said) {
        AtomicReference<Metadata> headers = new AtomicReference<>();
        try {
            ClientCalls.blockingUnaryCall(
                    ClientInterceptors.intercept(
                            channel,
                            MetadataUtils.newAttachHeadersInterceptor(said),
                            MetadataUtils.newCaptureMetadataInterceptor(headers, new AtomicReference<>())),
                    CHECK,
                    CallOptions.DEFAULT.withDeadlineAfter(5, TimeUnit.SECONDS),
                    new byte[0]); // its empty request has no bytes
            return headers.get().get(POD);
        } catch (StatusRuntimeException failure) {
            System.out.println("error: " + failure.getStatus());
            return "failed";
        }
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
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
    }
}
