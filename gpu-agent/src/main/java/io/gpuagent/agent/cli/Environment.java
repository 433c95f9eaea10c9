package io.gpuagent.agent.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The variables that are ours by their name. */
final class Environment {

    /** What Kubernetes injects into every pod beside a Service named gpu-agent; no flag may ever map to one of these. */
    private static final Pattern SERVICE_LINK =
            Pattern.compile("GPU_AGENT_(PORT|PORT_\\w+|SERVICE_HOST|SERVICE_PORT|SERVICE_PORT_\\w+)");

    private Environment() {}

    /** One line that names all variables that look like ours and set nothing; none if there are none. */
    static List<String> warnings(Map<String, String> environment) {
        String unknown = environment.keySet().stream()
                .filter(name -> name.startsWith("GPU_AGENT_") && !isServiceLink(name))
                .filter(name -> Arrays.stream(Flag.values())
                        .noneMatch(flag -> flag.isGlobal() && flag.variable().equals(name)))
                .sorted()
                .collect(Collectors.joining(", "));
        return unknown.isEmpty() ? List.of() : List.of("no flag has these environment variables, ignored: " + unknown);
    }

    static boolean isServiceLink(String name) {
        return SERVICE_LINK.matcher(name).matches();
    }
}
