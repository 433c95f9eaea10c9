package io.gpuagent.agent.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.containers.PlaceReport.State;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.Workload;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileSourceTest {

    private static final String ID = "0123456789abcdef".repeat(4);
    private static final String POD = "6ea6ee62-1b3c-4c0f-9a55-0d7c8f1f2a10";
    private static final String PODMAN_ID = "9".repeat(64);

    @TempDir
    Path root;

    private @Nullable FileSource source;

    @AfterEach
    void close() {
        if (source != null) {
            source.close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run/containerd/io.containerd.runtime.v2.task/k8s.io/ID/config.json",
                "run/containerd/io.containerd.runtime.v1.linux/k8s.io/ID/config.json",
                "run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/ID/config.json",
                "run/k0s/containerd/io.containerd.runtime.v2.task/k8s.io/ID/config.json",
                "var/snap/microk8s/common/run/containerd/io.containerd.runtime.v2.task/k8s.io/ID/config.json",
                "run/containers/storage/overlay-containers/ID/userdata/config.json",
                "var/lib/containers/storage/vfs-containers/ID/userdata/config.json"
            })
    void bundleIsFoundWhereEachRuntimeKeepsIt(String place) throws Exception {
        write(place.replace("ID", ID), OciBundleTest.text("containerd-1.6.config.json"));
        bundles("auto");
        assertEquals("ivw", lookup(null, ID).orElseThrow().kubernetes().container());
    }

    @Test
    void absoluteLinkOfTheHostsLeadsBelowItsRoot() throws Exception {
        write("data/storage/overlay-containers/containers.json", index());
        Files.createDirectories(root.resolve("var/lib/containers"));
        Files.createSymbolicLink(root.resolve("var/lib/containers/storage"), Path.of("/data/storage"));
        storage("auto");
        assertEquals("renamed", lookup("podman", PODMAN_ID).orElseThrow().name());
    }

    @Test
    void usersPlacesAreForASourceOfTheirOwn() throws Exception {
        write(
                "run/user/1000/containerd/io.containerd.runtime.v2.task/default/" + ID + "/config.json",
                OciBundleTest.text("nerdctl.config.json"));
        write("home/ada/.local/share/containers/storage/overlay-containers/containers.json", index());
        bundles("auto");
        assertEquals(Optional.empty(), lookup("containerd", ID));
        source(new BundleFiles(), users());
        assertEquals("rootless-oci", source.name());
        assertEquals("runcdev", lookup("containerd", ID).orElseThrow().name());
        source(new StorageFiles(), users());
        assertEquals("renamed", lookup("podman", PODMAN_ID).orElseThrow().name());
    }

    @Test
    void podIsNamedByAnyOfItsBundles() throws Exception {
        String task = "run/containerd/io.containerd.runtime.v2.task/k8s.io/";
        write(task + "1".repeat(64) + "/config.json", OciBundleTest.text("nerdctl.config.json"));
        write(task + ID + "/config.json", OciBundleTest.text("containerd-1.6.config.json"));
        bundles("auto");
        ContainerDetails details = lookup(null, POD).orElseThrow();
        assertEquals("speech", details.kubernetes().namespace());
        assertEquals(Optional.empty(), lookup(null, POD.replace('6', '7')));
    }

    @Test
    void podIsNamedThoughAnothersBundleCannotBeRead() throws Exception {
        String task = "run/containerd/io.containerd.runtime.v2.task/k8s.io/";
        write(task + "0".repeat(64) + "/config.json", "{\"annotations\":");
        write(task + ID + "/config.json", OciBundleTest.text("containerd-1.6.config.json"));
        bundles("auto");
        assertEquals("speech", lookup(null, POD).orElseThrow().kubernetes().namespace());
        LookupFailedException failure =
                assertThrows(LookupFailedException.class, () -> lookup(null, POD.replace('6', '7')));
        assertEquals(false, failure.ofWholeSource());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tasks/k8s.io/ID/config.json", "tasks/ID/config.json", "tasks/ID/userdata/config.json"})
    void namedDirectoryHoldsBundlesDirectlyOrByNamespace(String place) throws Exception {
        write(place.replace("ID", ID), OciBundleTest.text("nerdctl.config.json"));
        bundles(root.resolve("other") + "," + root.resolve("tasks"));
        assertEquals("runcdev", lookup("containerd", ID).orElseThrow().name());
    }

    @Test
    void filesBesideTheBundlesAreNoTrouble() throws Exception {
        write("var/lib/containers/storage/overlay-containers/containers.lock", "");
        bundles("auto");
        assertEquals(Optional.empty(), lookup(null, ID));
    }

    @Test
    void pipeOrLinkInPlaceOfAFileIsNotOpened() throws Exception {
        Path index = root.resolve("home/mallory/.local/share/containers/storage/overlay-containers/containers.json");
        Files.createDirectories(index.getParent());
        assertEquals(0, new ProcessBuilder("mkfifo", index.toString()).start().waitFor());
        source(new BundleFiles(), users());
        assertEquals(List.of(), source.examine());
        source(new StorageFiles(), users());
        assertEquals(Optional.empty(), lookup(null, ID));
        Files.delete(index);
        Files.createSymbolicLink(index, Path.of("/dev/zero"));
        assertEquals(Optional.empty(), lookup(null, ID));
    }

    @Test
    void hostileIndexIsNotTakenIntoMemory() throws Exception {
        String place = "home/mallory/.local/share/containers/storage/overlay-containers/containers.json";
        source(new StorageFiles(), users());
        write(place, "[" + "{},".repeat(1_000_000) + "{}]");
        assertThrows(LookupFailedException.class, () -> lookup(null, ID));
        write(place, "[" + " ".repeat(ContainerFiles.LONGEST) + index().substring(1));
        assertThrows(LookupFailedException.class, () -> lookup(null, PODMAN_ID));
    }

    @Test
    void userWhoseDirectoriesAreNoneHidesNobodysNames() throws Exception {
        write("home/eve/.local", "");
        Files.createDirectories(root.resolve("home/mallory"));
        Files.createSymbolicLink(root.resolve("home/mallory/.local"), Path.of(".local"));
        write("home/noether/.local/share/containers/storage/overlay-containers/containers.json", index());
        source(new StorageFiles(), users());
        assertEquals("renamed", lookup("podman", PODMAN_ID).orElseThrow().name());
    }

    @Test
    void directoryOfMoreEntriesThanANodeHasContainersIsNotTakenIntoMemory() throws Exception {
        String task = "run/user/1000/containerd/io.containerd.runtime.v2.task/";
        for (int i = 0; i <= 10_000; i++) {
            write(task + i, "");
        }
        source(new BundleFiles(), users());
        LookupFailedException failure = assertThrows(LookupFailedException.class, () -> lookup(null, POD));
        assertTrue(failure.getMessage().contains("more than 10000 entries"), failure::getMessage);
        assertEquals(false, failure.ofWholeSource());
        write(task + ID + "/config.json", OciBundleTest.text("nerdctl.config.json"));
        assertEquals("runcdev", lookup("containerd", ID).orElseThrow().name());
    }

    @Test
    void lookThatIsGivenUpGoesNoFurther() throws Exception {
        Files.createDirectories(root.resolve("tasks"));
        Thread.currentThread().interrupt();
        assertThrows(InterruptedIOException.class, () -> new BundleFiles().read(root.resolve("tasks"), POD));
        assertTrue(Thread.interrupted());
    }

    @Test
    void podmansNamesAreInTheIndexAndTheNewOneCounts() throws Exception {
        write("var/lib/containers/storage/overlay-containers/containers.json", index());
        storage("auto");
        ContainerDetails details = lookup("podman", PODMAN_ID).orElseThrow();
        assertEquals("renamed", details.name());
        assertEquals("podman", details.runtime());
        assertEquals("localhost/pbb:1", details.image());
        assertEquals("", lookup(null, "1".repeat(64)).orElseThrow().image());
        assertEquals(Optional.empty(), lookup("podman", "7".repeat(64)));
        assertEquals(Optional.empty(), lookup("podman", "8".repeat(64)));
    }

    @Test
    void indexOfContainersThatARebootEndsIsReadToo() throws Exception {
        write("run/containers/storage/overlay-containers/volatile-containers.json", index());
        storage("auto");
        assertEquals("renamed", lookup("podman", PODMAN_ID).orElseThrow().name());
    }

    @Test
    void containersOfOtherRuntimesAndStrangeIdsAreNotLookedFor() throws Exception {
        bundles("/nowhere");
        for (String id : List.of("..", ".", "a/../b", "a..b", "", "-a", "a\0")) {
            assertEquals(Optional.empty(), lookup("containerd", id), id);
        }
        assertEquals(Optional.empty(), lookup("docker", ID));
        assertEquals(Optional.empty(), lookup("podman", ID));
    }

    @Test
    void whereNothingIsOnlyAContainerThatShouldBeThereIsMissed() throws Exception {
        bundles("auto");
        assertEquals(Optional.empty(), lookup("containerd", ID));
        assertEquals(State.ABSENT, source.examine().get(0).state());
        source(new BundleFiles(), users());
        assertEquals(Optional.empty(), lookup(null, ID));
        LookupFailedException failure = assertThrows(LookupFailedException.class, () -> lookup("containerd", ID));
        assertEquals(LookupOutcome.ABSENT, failure.outcome());
        assertTrue(failure.getMessage().contains("--path.rootfs"), failure::getMessage);
        assertEquals(List.of(), source.examine());
        write("run/containerd/io.containerd.runtime.v2.task/k8s.io/" + ID + "/config.json", "{}");
        assertEquals(Optional.empty(), lookup("containerd", ID));
        bundles("/nowhere");
        assertThrows(LookupFailedException.class, () -> lookup(null, ID));
        assertEquals(State.FAILS, source.examine().get(0).state());
    }

    @Test
    void bundleThatIsHalfWrittenIsTroubleWithThisContainerAlone() throws Exception {
        write("run/containerd/io.containerd.runtime.v2.task/k8s.io/" + ID + "/config.json", "{\"annotations\":");
        bundles("auto");
        LookupFailedException failure = assertThrows(LookupFailedException.class, () -> lookup(null, ID));
        assertEquals(LookupOutcome.ERROR, failure.outcome());
        assertEquals(false, failure.ofWholeSource());
    }

    @Test
    void examinationCountsContainersAndLeavesOutWhatIsNotTheirs() throws Exception {
        write("run/containerd/io.containerd.runtime.v2.task/k8s.io/" + ID + "/config.json", "{}");
        write("run/containerd/io.containerd.runtime.v2.task/moby/" + ID + "/config.json", "{}");
        write("var/lib/containers/storage/overlay-containers/containers.json", index());
        bundles("auto");
        assertEquals(1, source.examine().size());
        assertEquals("2 containers", source.examine().get(0).text());
        storage("auto");
        assertEquals("3 containers", source.examine().get(0).text());
    }

    @Test
    void whatMayNotBeReadIsSaidWithTheRemedy() throws Exception {
        Files.createDirectories(root.resolve("tasks"));
        source(new Forbidden(), BundleDirectories.of(root.resolve("tasks").toString(), root));
        PlaceReport report = source.examine().get(0);
        assertEquals(State.FAILS, report.state());
        assertTrue(report.text().contains("DAC_READ_SEARCH"), report::text);
        LookupFailedException failure = assertThrows(LookupFailedException.class, () -> lookup(null, ID));
        assertTrue(failure.getMessage().contains(root + "/tasks: permission denied"), failure::getMessage);
    }

    /** Files as they are to a user who may not read them. */
    private static final class Forbidden implements ContainerFiles {

        @Override
        public String name() {
            return "oci";
        }

        @Override
        public Set<String> runtimes() {
            return Set.of("containerd");
        }

        @Override
        public Optional<ContainerDetails> read(Path directory, String id) throws IOException {
            throw new AccessDeniedException(directory.toString());
        }

        @Override
        public long count(Path directory) throws IOException {
            throw new AccessDeniedException(directory.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "on", "run/containerd", "/a,b", ",", "/a\0"})
    void flagWithoutMeaningIsNamed(String flag) {
        String message = assertThrows(IllegalArgumentException.class, () -> BundleDirectories.of(flag, root))
                .getMessage();
        assertTrue(message.startsWith("--oci.bundles=" + flag + ":"), message);
    }

    private void bundles(String flag) {
        source(new BundleFiles(), BundleDirectories.of(flag, root));
    }

    private void storage(String flag) {
        source(new StorageFiles(), BundleDirectories.of(flag, root));
    }

    private BundleDirectories users() {
        return BundleDirectories.of("auto", root).of(BundleDirectories.Whose.USERS);
    }

    private void source(ContainerFiles files, BundleDirectories directories) {
        close();
        source = new FileSource(files, directories);
    }

    private static String index() throws IOException {
        return OciBundleTest.text("podman-4.3.containers.json");
    }

    private Optional<ContainerDetails> lookup(@Nullable String runtime, String id) throws Exception {
        return source.lookup(new Workload.Container(runtime, id, null, null));
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
