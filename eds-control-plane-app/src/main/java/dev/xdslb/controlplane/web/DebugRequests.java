/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Answers a few questions about what is inside at a time, and asks the others to come again: to write megabytes of text takes
 * a processor, and the clients of the xDS port come first.
 */
@Configuration(proxyBeanMethods = false)
class DebugRequests implements WebMvcConfigurer {
    static final int AT_ONCE = 2;

    private final Semaphore places = new Semaphore(AT_ONCE);

    Semaphore places() {
        return places;
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(new HandlerInterceptor() {
                    @Override
                    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
                            throws IOException {
                        if (places.tryAcquire()) {
                            return true;
                        }
                        response.setStatus(HttpStatus.TOO_MANY_REQUESTS.value());
                        response.setHeader(HttpHeaders.RETRY_AFTER, "1");
                        response.setContentType(MediaType.TEXT_PLAIN_VALUE);
                        String problem = AT_ONCE + " requests to /debug are being answered (expected: no more at once),"
                                + " try again in a second";
                        response.getOutputStream().write(problem.getBytes(StandardCharsets.US_ASCII));
                        return false;
                    }

                    @Override
                    public void afterCompletion(
                            HttpServletRequest request,
                            HttpServletResponse response,
                            Object handler,
                            @Nullable Exception failure) {
                        places.release();
                    }
                })
                .addPathPatterns("/debug/**")
                .excludePathPatterns("/debug/clusters"); // short, and other replicas ask for it
    }
}
