/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

/**
 * Whether to ask for a type that the control plane may not know. One that does not may ignore the question, or end the stream
 * because of it. So a stream that ends before it answered makes the next one ask only after it has proved good for all that
 * was asked before; after {@value #MAX_UNANSWERED} of them in a row nobody is asked until a long pause is over.
 *
 * <pre>
 * asked ─▶ answered, or open for as long as an answer may take ─▶ the question does no harm
 *   └────▶ the stream ends ─▶ one more unanswered
 * </pre>
 *
 * <p>Confined to the client's executor.
 */
final class AskingCaution {
    /** Streams without an answer. A control plane that shuts down may cut off one of them, hardly ever three in a row. */
    static final int MAX_UNANSWERED = 3;

    private int unanswered; // streams in a row
    private boolean asked; // on the present stream
    private boolean owed; // an answer

    /**
     * Whether the present stream may be asked.
     *
     * @param proven whether it is good for all that was asked on it
     */
    boolean mayAsk(boolean proven) {
        return asked || unanswered == 0 || (proven && unanswered < MAX_UNANSWERED);
    }

    /** It was asked; silence would be an answer unless one is owed. */
    void asked(boolean answerIsOwed) {
        asked = true;
        owed |= answerIsOwed;
    }

    /** Whether the stream might still end because of the question. */
    boolean isOwed() {
        return owed;
    }

    /** The question does no harm. */
    void harmless() {
        owed = false;
        unanswered = 0;
    }

    /** The stream has ended. Returns whether nobody is to be asked from now on. */
    boolean streamEnded() {
        boolean unansweredOne = owed;
        asked = false;
        owed = false;
        unanswered += unansweredOne ? 1 : 0;
        return unansweredOne && unanswered >= MAX_UNANSWERED;
    }

    /** The pause is over: one more stream may be asked. */
    void tryAgain() {
        unanswered = MAX_UNANSWERED - 1;
    }
}
