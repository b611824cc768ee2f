/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows a {@link XdsLbConfigurationException} as description and action. */
final class XdsLbConfigurationFailureAnalyzer extends AbstractFailureAnalyzer<XdsLbConfigurationException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, XdsLbConfigurationException cause) {
        return new FailureAnalysis(cause.description(), cause.action(), cause);
    }
}
