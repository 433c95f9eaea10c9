package io.gpuagent.agent.report;

import java.util.Map;

/**
 * An agent that Prometheus scrapes.
 *
 * @param models of its GPUs, by UUID
 */
record Agent(String job, String instance, String node, Map<String, String> models) {

    /** A selector of its series whose names match. */
    String series(String names) {
        return "{__name__=~%s,job=%s,instance=%s}".formatted(quoted(names), quoted(job), quoted(instance));
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
