package io.gpuagent.agent.documents;

import java.nio.file.Path;
import java.util.List;

/**
 * Code that will be rewritten. Until then, its comments and names are exempt from the language rules. Its texts for users are not exempt. The
 * change that rebuilds a part removes its entry.
 */
final class LaterRewrites {

    private static final String AGENT = "gpu-agent/src/main/java/io/gpuagent/agent/";
    private static final String RESOURCES = "gpu-agent/src/main/resources/io/gpuagent/agent/";

    /** Path prefixes of the exempt files. */
    static final List<String> PATHS = List.of(
            AGENT + "report/",
            AGENT + "http/History.java",
            AGENT + "http/MetricsPage.java",
            AGENT + "http/Renderer.java",
            AGENT + "http/StatusPage.java",
            AGENT + "http/UsageJson.java",
            RESOURCES + "http/page/",
            RESOURCES + "report/");

    private LaterRewrites() {}

    static boolean contain(Path file) {
        return PATHS.stream().anyMatch(Documents.name(file)::startsWith);
    }
}
