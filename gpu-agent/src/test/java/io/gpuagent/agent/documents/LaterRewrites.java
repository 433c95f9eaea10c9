package io.gpuagent.agent.documents;

import java.nio.file.Path;
import java.util.List;

/**
 * Code that is to be rebuilt. Until then its comments and its names are exempt from the rules of language; what it shows to users is not.
 * The change that rebuilds a part removes its entry.
 */
final class LaterRewrites {

    private static final String AGENT = "gpu-agent/src/main/java/io/gpuagent/agent/";
    private static final String RESOURCES = "gpu-agent/src/main/resources/io/gpuagent/agent/";

    /** The beginnings of paths. */
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
