package io.gpuagent.agent.attribution;

import static io.gpuagent.agent.attribution.HostileNames.bytes;
import static io.gpuagent.agent.attribution.HostileNames.decoded;
import static io.gpuagent.agent.attribution.HostileNames.json;
import static io.gpuagent.agent.attribution.HostileNames.shown;

import io.gpuagent.testing.HostProcess;
import io.gpuagent.testing.StubDaemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A node on which everything has a hostile name: real processes in real cgroups, with names from a Docker daemon, from
 * files of container runtimes, from cgroup paths and from the processes themselves.
 */
final class HostileNode implements AutoCloseable {

    /**
     * The value of {@code --container.labels}. Most of these keys become {@code label_a_b}; the last one collides with
     * a numbered name.
     */
    static final String LABELS = "app,a.b,a-b,a_b,A.B,app.kubernetes.io/name,a_b_conflict1";

    private static final String CONTAINERD = "io.kubernetes.cri.";
    private static final String CRI_O = "io.kubernetes.cri-o.";

    final ExpectedUsage expected = new ExpectedUsage();
    final StubDaemon daemon;
    final Path bundles;
    private final Path directory;
    private final String cgroup = "gpu-agent-test-" + ProcessHandle.current().pid();
    private final List<HostProcess> processes = new ArrayList<>();
    private final List<Map<String, Object>> storage = new ArrayList<>();
    private final StringBuilder scenario = new StringBuilder("driver version=580.95.05\n"
            + "device 0 uuid=GPU-0 name=\"P4 \\\"\\\\\\n\\xff\" mem_total=80G mem_other=11M\n");
    private int ids;

    /** Creates an empty node with its files in the directory. */
    HostileNode(Path directory) {
        HostProcess.requireCgroups();
        this.directory = directory;
        bundles = directory.resolve("bundles");
        daemon = StubDaemon.unix(directory.resolve("docker.sock"));
    }

    /** Creates everything and returns the scenario for the stand-in library. */
    String populate() throws IOException {
        for (String text : HostileNames.TEXTS) {
            docker(text);
            dockershim(text);
            containerd(text);
            criO(text);
            nerdctl(text, shown(text));
            podman(text);
        }
        docker("");
        twins();
        nerdctl("raw \u00ff\u00fe bytes", "raw \ufffd\ufffd bytes");
        unreadable();
        HostileNames.BYTES.forEach(this::guests);
        HostileNames.BYTES.forEach(this::command);
        expected.add(place("system.slice/a\\x5c.service"), "unit", "a\\x5c.service");
        write(bundles.resolve("containers.json"), json(storage));
        return scenario.toString();
    }

    private void docker(String text) {
        String id = nextId();
        daemon.answers.put(id, bytes(inspected(id, text, Map.of())));
        long bytes = place("docker/" + id);
        if (text.isEmpty()) {
            expected.addUnnamed(bytes, id, "not_found");
        } else {
            expected.addNamed(bytes, id, shown(text));
            expected.details(id, shown(text), labels(shown(text)));
        }
    }

    private void dockershim(String text) {
        String id = nextId();
        daemon.answers.put(id, bytes(inspected(id, text, podLabels(text, uid(id)))));
        expected.addInPod(place("kubepods/pod" + uid(id) + "/docker-" + id), id, shown(text), shown(text));
        expected.details(id, shown(text), labels(shown(text)));
    }

    /**
     * Adds two containers that the legacy family cannot distinguish, because their names differ only in a lone
     * surrogate, which UTF-8 cannot represent.
     */
    private void twins() {
        for (String half : List.of("\ud800", "\udc00")) {
            String id = "f".repeat(32) + Integer.toHexString(half.charAt(0)).repeat(8);
            daemon.answers.put(id, bytes(inspected(id, "twin " + half, Map.of())));
            expected.addNamed(place("docker/" + id), id, "twin ?");
        }
    }

    private static String inspected(String id, String text, Map<String, String> more) {
        Map<String, String> labels = new HashMap<>(labels(text));
        labels.putAll(more);
        labels.put("not.exported", "y".repeat(64 << 10));
        return json(Map.of("Id", id, "Name", "/" + text, "Config", Map.of("Image", text, "Labels", labels)));
    }

    /** A container, and another process directly in its pod. */
    private void containerd(String text) throws IOException {
        String id = nextId();
        String uid = uid(id);
        annotate(
                "k8s.io/" + id,
                Map.of(
                        CONTAINERD + "container-type", "container",
                        CONTAINERD + "container-name", text,
                        CONTAINERD + "sandbox-name", text,
                        CONTAINERD + "sandbox-namespace", text,
                        CONTAINERD + "sandbox-uid", uid,
                        CONTAINERD + "image-name", text));
        String runtimeName = "k8s_" + text + "_" + text + "_" + text + "_" + uid + "_0";
        expected.addInPod(place("kubepods/burstable/pod" + uid + "/" + id), id, shown(text), shown(runtimeName));
        expected.addPod(place("kubepods/burstable/pod" + uid), shown(text));
        expected.details(id, shown(text), Map.of());
    }

    private void criO(String text) throws IOException {
        String id = nextId();
        Map<String, String> labels = new HashMap<>(labels(text));
        labels.putAll(podLabels(text, uid(id)));
        annotate(
                id + "/userdata",
                Map.of(
                        CRI_O + "ContainerName", text,
                        CRI_O + "ImageName", text,
                        CRI_O + "Labels", json(labels)));
        expected.addInPod(place("kubepods/pod" + uid(id) + "/crio-" + id), id, shown(text), shown(text));
        expected.details(id, shown(text), labels(shown(text)));
    }

    /** Creates a container in a containerd namespace with a hostile name. */
    private void nerdctl(String text, String shown) throws IOException {
        String id = nextId();
        annotate("\"name\\space\"\n/" + id, Map.of("nerdctl/name", text));
        expected.addNamed(place("nerdctl-" + id + ".scope"), id, shown);
        expected.details(id, "", Map.of());
    }

    private void podman(String text) {
        String id = nextId();
        storage.add(Map.of("id", id, "names", List.of(text), "metadata", json(Map.of("image-name", text))));
        expected.addNamed(place("libpod-" + id + ".scope"), id, shown(text));
        expected.details(id, shown(text), Map.of());
    }

    /**
     * Containers without valid JSON: invalid UTF-8 where the parser looks at bytes, a control character, unlimited
     * nesting, a truncated record.
     */
    private void unreadable() throws IOException {
        // A byte that is not UTF-8 is replaced; the rest of the answer is valid.
        String replaced = nextId();
        daemon.answers.put(replaced, bytes("{\"Id\":\"" + replaced + "\",\"Name\":\"/\u00ff\"}"));
        expected.addNamed(place("docker/" + replaced), replaced, "\ufffd");
        for (String name : List.of("\n\"}", "\",\"x\":" + "[".repeat(100_000), "\"")) {
            String id = nextId();
            daemon.answers.put(id, bytes("{\"Id\":\"" + id + "\",\"Name\":\"/" + name));
            expected.addUnnamed(place("docker/" + id), id, "unavailable");
        }
        for (String name : List.of("\n\"}}", "\"},\"x\":" + "[".repeat(100_000), "\"")) {
            String id = nextId();
            write(bundles.resolve("default/" + id + "/config.json"), "{\"annotations\":{\"nerdctl/name\":\"" + name);
            expected.addUnnamed(place("nerdctl-" + id + ".scope"), id, "unavailable");
        }
    }

    private void guests(String bytes) {
        expected.add(place("lxc/" + bytes), "lxc", decoded(bytes));
        expected.addMachine(place("machine.slice/machine-" + bytes + ".scope"), decoded(bytes));
    }

    private void command(String bytes) {
        expected.add(list(HostProcess.named(bytes(bytes), directory)), "process", HostileNames.command(bytes));
    }

    private static Map<String, String> labels(String text) {
        return Map.of(
                "app", text,
                "a.b", "dot",
                "a-b", "dash",
                "a_b", "underscore",
                "A.B", "capitals",
                "app.kubernetes.io/name", text,
                "a_b_conflict1", "its own");
    }

    private static String uid(String id) {
        return id.substring(4, 12) + "-0000-4000-8000-000000000000";
    }

    private static Map<String, String> podLabels(String text, String uid) {
        return Map.of(
                "io.kubernetes.pod.uid", uid,
                "io.kubernetes.pod.namespace", text,
                "io.kubernetes.pod.name", text,
                "io.kubernetes.container.name", text);
    }

    private void annotate(String bundle, Map<String, String> annotations) throws IOException {
        String text = json(Map.of("ociVersion", "1.0.2", "annotations", annotations));
        write(
                bundles.resolve(bundle).resolve("config.json"),
                text.replace("\\u00FF", "\u00ff").replace("\\u00FE", "\u00fe"));
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, bytes(text));
    }

    private String nextId() {
        return "%012x".formatted(++ids) + "0".repeat(52);
    }

    /** Starts a process in a cgroup and returns the memory that it holds on the GPU. */
    private long place(String path) {
        return list(HostProcess.in(bytes(cgroup + "/" + path)));
    }

    private long list(HostProcess process) {
        processes.add(process);
        int mebibytes = processes.size();
        scenario.append("proc 0 pid=" + process.pid() + " mem=" + mebibytes + "M\n");
        return (long) mebibytes << 20;
    }

    @Override
    public void close() {
        HostProcess.endAll(processes);
        HostProcess.removeCgroup(cgroup);
        daemon.close();
    }
}
