/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

/**
 * How many of an endpoint's last answers were refusals, fading. A window in seconds would see nothing of an endpoint that gets
 * a request every ten seconds, and one in requests would not forget; so what is more than {@value #KEPT_ANSWERS} answers fades
 * like a window of ten seconds, and these last ones fade six times as slowly.
 *
 * <p>Advanced by one thread, the slow tick; read by any thread, both sums at once.
 */
final class Refusals {
    /** Simulated with 1 of 10 and 1 of 3 pods refusing clients of one request per second: more react too late, fewer to chance. */
    private static final int KEPT_ANSWERS = 2;

    /** What half a second leaves, of ten and of sixty. */
    private static final double REMAINING = Math.exp(-0.5 / 10);

    private static final double SLOWLY_REMAINING = Math.exp(-0.5 / 60);

    private int refusedBefore;
    private int answeredBefore;
    private volatile RecentAnswers recent = RecentAnswers.NONE;

    /** Takes running totals, which may overflow: only their differences count. */
    void advance(int totalRefused, int totalAnswered) {
        int moreRefused = Math.max(0, totalRefused - refusedBefore);
        int moreAnswered = Math.max(moreRefused, totalAnswered - answeredBefore);
        refusedBefore = totalRefused;
        answeredBefore = totalAnswered;
        RecentAnswers before = recent;
        if (before.answered() == 0 && moreAnswered == 0) {
            return;
        }
        double remaining =
                Math.min(SLOWLY_REMAINING, Math.max(REMAINING, KEPT_ANSWERS / Math.max(before.answered(), 1e-9)));
        double answered = before.answered() * remaining + moreAnswered;
        recent = new RecentAnswers(Math.min(answered, before.refused() * remaining + moreRefused), answered);
    }

    RecentAnswers recent() {
        return recent;
    }
}
