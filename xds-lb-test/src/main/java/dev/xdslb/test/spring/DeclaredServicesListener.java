/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import org.springframework.test.context.TestContext;
import org.springframework.test.context.support.AbstractTestExecutionListener;

/**
 * Lets each test method begin with what its class declares: an earlier one in the same context may have changed it, and a server
 * may have another port by now.
 */
final class DeclaredServicesListener extends AbstractTestExecutionListener {
    /** After the listener that throws contexts away (1500), before those that may send requests. */
    private static final int ORDER = 1900;

    @Override
    public int getOrder() {
        return ORDER;
    }

    @Override
    public void beforeTestMethod(TestContext testContext) {
        Declarations declarations = Declarations.of(testContext.getTestClass());
        if (declarations.present()) {
            DeclaredServices services = testContext.getApplicationContext().getBean(DeclaredServices.class);
            services.checkInUse();
            services.beginTest(declarations.all());
        }
    }
}
