package io.gpuagent.agent.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The environment variables that begin with {@code GPU_AGENT_}. */
final class Environment {

    /**
     * Variables that Kubernetes sets in every pod of a namespace that has a Service named gpu-agent. No flag may ever map to one of
     * these names.
     */
    private static final Pattern SERVICE_LINK =
            Pattern.compile("GPU_AGENT_(PORT|PORT_\\w+|SERVICE_HOST|SERVICE_PORT|SERVICE_PORT_\\w+)");

    private Environment() {}

    /** Returns one warning that lists all {@code GPU_AGENT_} variables that match no flag, or an empty list if there are none. */
    static List<String> warnings(Map<String, String> environment) {
        String unknown = environment.keySet().stream()
                .filter(name -> name.startsWith("GPU_AGENT_") && !isServiceLink(name))
                .filter(name -> Arrays.stream(Flag.values())
                        .noneMatch(flag -> flag.isGlobal() && flag.variable().equals(name)))
                .sorted()
                .collect(Collectors.joining(", "));
        return unknown.isEmpty() ? List.of() : List.of("ignored environment variables that match no flag: " + unknown);
    }

    static boolean isServiceLink(String name) {
        return SERVICE_LINK.matcher(name).matches();
    }
}
