/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.kubernetes.UnusableKubeconfigException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says what is wrong with the kubeconfig of the own Kubernetes cluster. Public, because Spring Boot makes it. */
public final class UnusableKubeconfigFailureAnalyzer extends AbstractFailureAnalyzer<UnusableKubeconfigException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, UnusableKubeconfigException cause) {
        return new FailureAnalysis(
                "The kubeconfig cannot be used: " + cause.getMessage(),
                "Mend it, or name another one by the environment variable KUBECONFIG.",
                cause);
    }
}
