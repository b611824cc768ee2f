/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.manifests;

import java.nio.file.Path;

/** A file that cannot be read as manifests; the message says file, line and why. */
final class BrokenManifestException extends Exception {

    private static final long serialVersionUID = 1;

    BrokenManifestException(Path file, String reason, Throwable cause) {
        super(file.getFileName() + ": " + reason, cause);
    }

    BrokenManifestException(Path file, int line, String reason, Throwable cause) {
        super(file.getFileName() + ", line " + line + ": " + reason, cause);
    }
}
