package io.gpuagent.agent.doctor;

import io.gpuagent.agent.cli.JvmFlags;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The JVM and its resource limits.
 *
 * @param advice the warning of {@link JvmFlags}; empty if there is none
 * @param bindNow whether the dynamic linker resolves all functions at load time
 * @param openFiles the soft limit of open files; 0 if unknown
 * @param persistenced whether the socket of NVIDIA's persistence daemon exists
 */
record JavaFacts(String version, long heapBytes, String advice, boolean bindNow, long openFiles, boolean persistenced) {

    private static final long MANY_FILES = 1_000_000;
    private static final Pattern OPEN_FILES = Pattern.compile("(?m)^Max open files +(\\d+|unlimited) ");
    private static final Path PERSISTENCED = Path.of("/run/nvidia-persistenced/socket");

    static JavaFacts read(Path self, Map<String, String> environment) {
        return new JavaFacts(
                System.getProperty("java.version", "?"),
                Runtime.getRuntime().maxMemory(),
                JvmFlags.advice().orElse(""),
                !environment.getOrDefault("LD_BIND_NOW", "").isEmpty(),
                openFiles(HostChecks.text(self.resolve("limits"))),
                Files.exists(PERSISTENCED));
    }

    static long openFiles(String limits) {
        Matcher soft = OPEN_FILES.matcher(limits);
        if (!soft.find()) {
            return 0;
        }
        return soft.group(1).equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft.group(1));
    }

    List<Finding> judge() {
        List<Finding> findings = new ArrayList<>();
        String heap = version + ", maximum heap " + (heapBytes >> 20) + " MiB";
        findings.add(
                advice.isEmpty()
                        ? Finding.ok("java", heap)
                        : Finding.limited("java", version + "; " + advice, "start gpu-agent instead of java -jar"));
        if (bindNow) {
            findings.add(Finding.limited(
                    "java",
                    "LD_BIND_NOW is set: the bindings cannot be loaded if the library lacks any function",
                    "unset LD_BIND_NOW, or start the launcher gpu-agent, which unsets it"));
        }
        // With the persistence daemon, the driver's library allocates tables whose size depends on this limit
        // (NVIDIA/nvidia-container-toolkit#1053).
        if (openFiles > MANY_FILES && persistenced) {
            findings.add(Finding.limited(
                    "java",
                    "limit of " + openFiles + " open files, and " + PERSISTENCED
                            + " exists: the driver's library may allocate tens of gigabytes",
                    "lower the limit (--ulimit nofile=1024, LimitNOFILE=1024), start gpu-agent instead of java -jar, and do not"
                            + " mount that socket"));
        }
        return findings;
    }
}
