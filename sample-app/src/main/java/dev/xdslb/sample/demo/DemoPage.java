/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import dev.xdslb.sample.demo.Director.Wish;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * The page: the same as on the terminal, with buttons. It asks for the state every second.
 *
 * <p>A button's request carries a header that a foreign page cannot send without being allowed to, and it never is.
 */
final class DemoPage {
    private static final String BUTTON = "X-Demo-Button";

    private final Supplier<DemoState> states;
    private final Predicate<Wish> wishes;
    private final Resource page = new ClassPathResource("page.html", DemoPage.class);

    /**
     * Makes the page.
     *
     * @param wishes takes what a spectator wishes, or refuses it
     */
    DemoPage(Supplier<DemoState> states, Predicate<Wish> wishes) {
        this.states = states;
        this.wishes = wishes;
    }

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET("/", this::page)
                .GET("/demo/state", this::state)
                .POST("/demo/{wish}", this::press)
                .build();
    }

    private ServerResponse page(ServerRequest request) {
        return ServerResponse.ok()
                .contentType(new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8))
                .header(
                        "Content-Security-Policy",
                        "default-src 'none'; connect-src 'self'; img-src data:; style-src 'unsafe-inline';"
                                + " script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
                .body(page);
    }

    private ServerResponse state(ServerRequest request) {
        return ServerResponse.ok().cacheControl(CacheControl.noStore()).body(states.get());
    }

    private ServerResponse press(ServerRequest request) {
        Wish wish = wish(request.pathVariable("wish"));
        if (wish == null) {
            return ServerResponse.notFound().build();
        }
        if (request.headers().header(BUTTON).isEmpty()) {
            return ServerResponse.status(HttpStatus.FORBIDDEN).body("header " + BUTTON + " is missing");
        }
        return wishes.test(wish)
                ? ServerResponse.accepted().build()
                : ServerResponse.status(HttpStatus.TOO_MANY_REQUESTS).body("one after the other, please");
    }

    private static @Nullable Wish wish(String name) {
        return switch (name) {
            case "heal" -> Wish.HEAL;
            case "script" -> Wish.SCRIPT;
            default ->
                Stream.of(Scenario.values())
                        .filter(scenario ->
                                scenario != Scenario.HEALTHY && scenario.id().equals(name))
                        .findFirst()
                        .map(Wish::trouble)
                        .orElse(null);
        };
    }
}
