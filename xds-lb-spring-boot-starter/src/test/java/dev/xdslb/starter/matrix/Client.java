/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import org.springframework.context.ApplicationContext;

/** A kind of client: a column of the matrix. */
interface Client {

    /** Returns what the table says. */
    String title();

    /**
     * Asks for what a caller wants and has it use the answer, until it is through. It can be cancelled by an interrupt of the calling
     * thread, or by what the caller was told.
     *
     * @throws Exception where that is what an application would get
     */
    void call(ApplicationContext application, Caller caller) throws Exception;
}
