package io.gpuagent.agent.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.containers.BundleDirectories.Origin;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files that users place where the agent looks for their containers' files. */
class HostileFilesTest extends RuntimeFilesFixture {

    private static final String BUNDLE =
            "run/user/%d/containerd/io.containerd.runtime.v2.task/default/" + ID + "/config.json";
    private static final String INDEX =
            "home/mallory%d/.local/share/containers/storage/overlay-containers/containers.json";

    private enum Attack {
        NAME_OF_MANY_PARTS(INDEX, user -> "[{\"id\":\"" + ID + "\",\"names\":[\"" + "_".repeat(4_000_000) + "\"]}]"),
        CGROUP_OF_MANY_PARTS(
                BUNDLE,
                user ->
                        "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"c\",\"io.kubernetes.cri.sandbox-name\":"
                                + "\"p\",\"io.kubernetes.cri.sandbox-namespace\":\"n\"},\"linux\":{\"cgroupsPath\":\""
                                + "a/".repeat(2_000_000) + "\"}}"),
        EVER_DIFFERENT_KEYS(
                INDEX,
                user -> IntStream.range(0, 80)
                        .mapToObj(key -> "\"" + (user + "." + key + "x".repeat(49_000)) + "\":0")
                        .collect(Collectors.joining(",", "[{", "}]"))),
        MANY_SMALL_ENTRIES(INDEX, user -> "[" + "{\"a\":1},".repeat(49_000) + "{}" + " ".repeat(3_500_000) + "]");

        final String place;
        final IntFunction<String> text;

        Attack(String place, IntFunction<String> text) {
            this.place = place;
            this.text = text;
        }
    }

    /** A JVM with half of the agent's heap reads the files. */
    @ParameterizedTest
    @EnumSource(Attack.class)
    void filesOfUsersDoNotExhaustTheAgentsMemory(Attack attack) throws Exception {
        for (int user = 0; user < 20; user++) {
            Path file = root.resolve(attack.place.formatted(user));
            Files.createDirectories(file.getParent());
            Files.writeString(file, attack.text.apply(user));
        }
        Process agent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xmx32m",
                        "-Xss256k",
                        "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HostileFilesTest.class.getName(),
                        root.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(agent.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, agent.waitFor(), output);
        assertTrue(output.endsWith("done\n"), output);
    }

    @Test
    void aPipeOrLinkInPlaceOfAFileIsNotOpened() throws Exception {
        Path index = root.resolve("home/mallory/.local/share/containers/storage/overlay-containers/containers.json");
        Files.createDirectories(index.getParent());
        assertEquals(0, new ProcessBuilder("mkfifo", index.toString()).start().waitFor());
        source(new BundleFiles(), users());
        assertEquals(List.of(), source.examine());
        user("mallory", 1000);
        source(new StorageFiles(), users());
        assertEquals(Optional.empty(), lookup("1000", null, ID));
        Files.delete(index);
        Files.createSymbolicLink(index, Path.of("/dev/zero"));
        assertEquals(Optional.empty(), lookup("1000", null, ID));
    }

    @Test
    void aHostileIndexIsNotReadIntoMemory() throws Exception {
        String place = "home/mallory/.local/share/containers/storage/overlay-containers/containers.json";
        user("mallory", 1000);
        source(new StorageFiles(), users());
        write(place, "[" + "{},".repeat(1_000_000) + "{}]");
        assertThrows(LookupFailedException.class, () -> lookup("1000", null, ID));
        write(place, "[" + " ".repeat(ContainerFiles.LONGEST) + index().substring(1));
        assertThrows(LookupFailedException.class, () -> lookup("1000", null, PODMAN_ID));
    }

    @Test
    void aUserWithoutValidDirectoriesHidesNoOtherUsersNames() throws Exception {
        write("home/eve/.local", "");
        Files.createDirectories(root.resolve("home/mallory"));
        Files.createSymbolicLink(root.resolve("home/mallory/.local"), Path.of(".local"));
        write("home/noether/.local/share/containers/storage/overlay-containers/containers.json", index());
        source(new StorageFiles(), users());
        user("eve", 1000);
        assertEquals(Optional.empty(), lookup("1000", ContainerRuntime.PODMAN, PODMAN_ID));
        user("mallory", 1000);
        assertEquals(Optional.empty(), lookup("1000", ContainerRuntime.PODMAN, PODMAN_ID));
        user("noether", 1000);
        assertEquals(
                "renamed",
                lookup("1000", ContainerRuntime.PODMAN, PODMAN_ID).orElseThrow().name());
    }

    @Test
    void aDirectoryWithMoreEntriesThanANodeHasContainersIsNotReadIntoMemory() throws Exception {
        String task = "run/user/1000/containerd/io.containerd.runtime.v2.task/";
        for (int i = 0; i <= 10_000; i++) {
            write(task + i, "");
        }
        source(new BundleFiles(), users());
        LookupFailedException failure =
                assertThrows(LookupFailedException.class, () -> lookup("1000", null, "f".repeat(64)));
        assertTrue(failure.getMessage().contains("more than 10000 entries"), failure::getMessage);
        assertEquals(false, failure.affectsSource());
        write(task + ID + "/config.json", OciBundleTest.text("nerdctl.config.json"));
        assertEquals(
                "runcdev",
                lookup("1000", ContainerRuntime.CONTAINERD, ID).orElseThrow().name());
    }

    @Test
    void anInterruptedLookupStops() throws Exception {
        Files.createDirectories(root.resolve("tasks"));
        Thread.currentThread().interrupt();
        assertThrows(
                InterruptedIOException.class,
                () -> new BundleFiles().read(root.resolve("tasks"), new Workload.Pod(POD, null)));
        assertTrue(Thread.interrupted());
    }

    public static void main(String[] root) throws Exception {
        BundleDirectories users = BundleDirectories.of("auto", Path.of(root[0])).of(Origin.USERS);
        for (ContainerFiles files : List.of(new BundleFiles(), new StorageFiles())) {
            try (FileSource source = new FileSource(files, users)) {
                System.out.println(source.lookup(new Workload.Container(null, ID, null, null))
                        .map(found -> found.name().length()));
            } catch (LookupFailedException e) {
                System.out.println(e.getMessage());
            }
        }
        System.out.println("done");
    }
}
