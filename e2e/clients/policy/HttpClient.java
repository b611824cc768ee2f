import dev.xdslb.springcloud.Attempts;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientResponseException;

/**
 * A service with the starter, on the class path of the sample. Calls for some seconds from some threads, and says which pods answered
 * and what failed. Each line of its input says what to do: target threads seconds [header value].
 * With the header x-retry it tries up to four times. With the value * it calls two hundred times instead, each time with another value, always
 * the same two hundred.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class HttpClient {
    private static final long PAUSE_MS = Long.parseLong(System.getenv().getOrDefault("PAUSE_MS", "10"));
    private static final int USERS = 200;

    @Bean
    @LoadBalanced
    RestClient.Builder restClientBuilder() {
        return RestClient.builder();
    }

    public static void main(String[] arguments) throws Exception {
        RestClient client = SpringApplication.run(HttpClient.class, arguments).getBean(RestClient.Builder.class).build();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            System.out.println("= " + run(client, line.split(" ")));
        }
        System.exit(0);
    }

    private static String run(RestClient client, String[] words) throws InterruptedException {
        Map<String, Integer> counts = new TreeMap<>();
        long patience = System.nanoTime() + 20_000_000_000L;
        while (callOnce(client, words).equals("failed:IllegalStateException") && System.nanoTime() < patience) {
            Thread.sleep(100); // it does not know of the service yet
        }
        if (words.length > 4 && words[4].equals("*")) {
            for (int i = 0; i < USERS; i++) {
                String[] ofOneUser = words.clone();
                ofOneUser[4] = "u" + i;
                counts.merge(callOnce(client, ofOneUser), 1, Integer::sum);
            }
            return said(counts);
        }
        long end = System.nanoTime() + (long) (Double.parseDouble(words[2]) * 1e9);
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(words[1]); i++) {
            Thread worker = new Thread(() -> {
                while (System.nanoTime() < end) {
                    String answered = call(client, words);
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

    private static String call(RestClient client, String[] words) {
        if (words.length <= 4 || !words[3].equals("x-retry")) {
            return callOnce(client, words);
        }
        try {
            return new Attempts().call(() -> {
                String answered = callOnce(client, words);
                for (int retry = 0; retry < 3 && answered.startsWith("failed:"); retry++) {
                    answered = callOnce(client, words);
                }
                return answered;
            });
        } catch (Exception failure) {
            return "failed:" + failure.getClass().getSimpleName();
        }
    }

    private static String callOnce(RestClient client, String[] words) {
        try {
            var request = client.get().uri(words[0]);
            if (words.length > 4) {
                request.header(words[3], words[4]);
            }
            return request.retrieve().toBodilessEntity().getHeaders().getFirst("pod");
        } catch (RestClientResponseException failure) {
            return "failed:" + failure.getStatusCode().value();
        } catch (RuntimeException failure) {
            return "failed:" + failure.getClass().getSimpleName();
        }
    }
}
