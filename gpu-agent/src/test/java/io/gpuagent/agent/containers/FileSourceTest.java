package io.gpuagent.agent.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.containers.BundleDirectories.Origin;
import io.gpuagent.agent.containers.PlaceStatus.State;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileSourceTest extends RuntimeFilesFixture {

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
    void aBundleIsFoundWhereEachRuntimeKeepsIt(String place) throws Exception {
        write(place.replace("ID", ID), OciBundleTest.text("containerd-1.6.config.json"));
        bundles("auto");
        assertEquals("ivw", lookup(null, ID).orElseThrow().kubernetes().container());
    }

    @Test
    void anAbsoluteLinkOfTheHostIsResolvedBelowItsRoot() throws Exception {
        write("data/storage/overlay-containers/containers.json", index());
        Files.createDirectories(root.resolve("var/lib/containers"));
        Files.createSymbolicLink(root.resolve("var/lib/containers/storage"), Path.of("/data/storage"));
        storage("auto");
        assertEquals(
                "renamed",
                lookup(ContainerRuntime.PODMAN, PODMAN_ID).orElseThrow().name());
    }

    @Test
    void usersDirectoriesAreReadByASeparateSource() throws Exception {
        write(
                "run/user/1000/containerd/io.containerd.runtime.v2.task/default/" + ID + "/config.json",
                OciBundleTest.text("nerdctl.config.json"));
        write("home/ada/.local/share/containers/storage/overlay-containers/containers.json", index());
        bundles("auto");
        assertEquals(Optional.empty(), lookup(null, ID));
        source(new BundleFiles(), users());
        assertEquals("rootless-oci", source.name());
        assertEquals(
                "runcdev",
                lookup("1000", ContainerRuntime.CONTAINERD, ID).orElseThrow().name());
        assertEquals(Optional.empty(), lookup("1001", ContainerRuntime.CONTAINERD, ID));
        assertEquals(Optional.empty(), lookup(ContainerRuntime.CONTAINERD, ID));
        user("ada", 1000);
        source(new StorageFiles(), users());
        assertEquals(
                "renamed",
                lookup("1000", ContainerRuntime.PODMAN, PODMAN_ID).orElseThrow().name());
        assertEquals(Optional.empty(), lookup("1001", ContainerRuntime.PODMAN, PODMAN_ID));
        assertEquals(Optional.empty(), lookup(ContainerRuntime.PODMAN, PODMAN_ID));
    }

    @Test
    void aLinkInAUsersHomeDoesNotLeadToTheNamesOfOthers() throws Exception {
        user("eve", 1000);
        write("var/lib/containers/storage/overlay-containers/containers.json", index());
        Files.createDirectories(root.resolve("home/eve/.local/share/containers"));
        Files.createSymbolicLink(
                root.resolve("home/eve/.local/share/containers/storage"), root.resolve("var/lib/containers/storage"));
        source(new StorageFiles(), users());
        assertEquals(Optional.empty(), lookup("1000", ContainerRuntime.PODMAN, PODMAN_ID));
    }

    @Test
    void aContainerBelowAnOwnerIsNamedOnlyByARecordWithItsPath() throws Exception {
        String config = "{\"annotations\": {\"nerdctl/name\": \"web\"}, \"linux\": {\"cgroupsPath\": \"/a/b\"}}";
        write("run/containerd/io.containerd.runtime.v2.task/default/" + ID + "/config.json", config);
        bundles("auto");
        Workload job = new Workload.Job("7");
        assertEquals(Optional.empty(), source.lookup(new Workload.Container(null, ID, null, null, job, "/a/c")));
        assertEquals(
                "web",
                source.lookup(new Workload.Container(null, ID, null, null, job, "/a/b"))
                        .orElseThrow()
                        .name());
    }

    @Test
    void aProxmoxGuestIsNamedByItsConfiguration() throws Exception {
        write("etc/pve/lxc/102.conf", "arch: amd64\nhostname: ollama-box\n[before]\nhostname: old\n");
        source(new ProxmoxFiles(), new BundleDirectories(Origin.HOST, root, List.of(ProxmoxFiles.DIRECTORY)));
        assertEquals(
                "ollama-box",
                source.lookup(new Workload.Lxc("102")).orElseThrow().name());
        assertEquals(Optional.empty(), source.lookup(new Workload.Lxc("103")));
        assertEquals(Optional.empty(), source.lookup(new Workload.Lxc("102", new Workload.Lxc("101"))));
    }

    @Test
    void aPodIsNamedByAnyOfItsBundles() throws Exception {
        String task = "run/containerd/io.containerd.runtime.v2.task/k8s.io/";
        write(task + "1".repeat(64) + "/config.json", OciBundleTest.text("nerdctl.config.json"));
        write(task + ID + "/config.json", OciBundleTest.text("containerd-1.6.config.json"));
        bundles("auto");
        ContainerDetails details = pod(POD).orElseThrow();
        assertEquals("speech", details.kubernetes().namespace());
        assertEquals(Optional.empty(), pod(POD.replace('6', '7')));
    }

    @Test
    void aPodIsNamedDespiteAnUnreadableBundleOfAnotherPod() throws Exception {
        String task = "run/containerd/io.containerd.runtime.v2.task/k8s.io/";
        write(task + "0".repeat(64) + "/config.json", "{\"annotations\":");
        write(task + ID + "/config.json", OciBundleTest.text("containerd-1.6.config.json"));
        bundles("auto");
        assertEquals("speech", pod(POD).orElseThrow().kubernetes().namespace());
        LookupFailedException failure = assertThrows(LookupFailedException.class, () -> pod(POD.replace('6', '7')));
        assertEquals(false, failure.affectsSource());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tasks/k8s.io/ID/config.json", "tasks/ID/config.json", "tasks/ID/userdata/config.json"})
    void aConfiguredDirectoryHoldsBundlesDirectlyOrByNamespace(String place) throws Exception {
        write(place.replace("ID", ID), OciBundleTest.text("nerdctl.config.json"));
        bundles(root.resolve("other") + "," + root.resolve("tasks"));
        assertEquals(
                "runcdev", lookup(ContainerRuntime.CONTAINERD, ID).orElseThrow().name());
    }

    @Test
    void otherFilesNextToBundlesAreIgnored() throws Exception {
        write("var/lib/containers/storage/overlay-containers/containers.lock", "");
        bundles("auto");
        assertEquals(Optional.empty(), lookup(null, ID));
    }

    @Test
    void podmanNamesComeFromTheIndexAndTheLatestNameCounts() throws Exception {
        write("var/lib/containers/storage/overlay-containers/containers.json", index());
        storage("auto");
        ContainerDetails details = lookup(ContainerRuntime.PODMAN, PODMAN_ID).orElseThrow();
        assertEquals("renamed", details.name());
        assertEquals(ContainerRuntime.PODMAN, details.runtime());
        assertEquals("localhost/pbb:1", details.image());
        assertEquals("", lookup(null, "1".repeat(64)).orElseThrow().image());
        assertEquals(Optional.empty(), lookup(ContainerRuntime.PODMAN, "7".repeat(64)));
        assertEquals(Optional.empty(), lookup(ContainerRuntime.PODMAN, "8".repeat(64)));
    }

    @Test
    void theIndexOfVolatileContainersIsReadToo() throws Exception {
        write("run/containers/storage/overlay-containers/volatile-containers.json", index());
        storage("auto");
        assertEquals(
                "renamed",
                lookup(ContainerRuntime.PODMAN, PODMAN_ID).orElseThrow().name());
    }

    @Test
    void containersOfOtherRuntimesAndUnsafeIdsAreNotLookedUp() throws Exception {
        bundles("/nowhere");
        for (String id : List.of("..", ".", "a/../b", "a..b", "", "-a", "a\0")) {
            assertEquals(Optional.empty(), lookup(ContainerRuntime.CONTAINERD, id), id);
        }
        assertEquals(Optional.empty(), lookup(ContainerRuntime.DOCKER, ID));
        assertEquals(Optional.empty(), lookup(ContainerRuntime.PODMAN, ID));
    }

    @Test
    void withoutDirectoriesOnlyAContainerThatMustBeThereIsAFailure() throws Exception {
        source(new BundleFiles(), users());
        assertEquals(Optional.empty(), lookup("1000", ContainerRuntime.CONTAINERD, ID));
        assertEquals(List.of(), source.examine());
        bundles("auto");
        assertEquals(State.ABSENT, source.examine().get(0).state());
        assertEquals(Optional.empty(), lookup(null, ID));
        LookupFailedException failure =
                assertThrows(LookupFailedException.class, () -> lookup(ContainerRuntime.CONTAINERD, ID));
        assertEquals(LookupOutcome.ABSENT, failure.outcome());
        assertTrue(failure.getMessage().contains("--path.rootfs"), failure::getMessage);
        write("run/containerd/io.containerd.runtime.v2.task/k8s.io/" + ID + "/config.json", "{}");
        assertEquals(Optional.empty(), lookup(ContainerRuntime.CONTAINERD, ID));
        bundles("/nowhere");
        assertThrows(LookupFailedException.class, () -> lookup(null, ID));
        assertEquals(State.FAILS, source.examine().get(0).state());
    }

    @Test
    void aPartiallyWrittenBundleIsAFailureOfThisContainerAlone() throws Exception {
        write("run/containerd/io.containerd.runtime.v2.task/k8s.io/" + ID + "/config.json", "{\"annotations\":");
        bundles("auto");
        LookupFailedException failure = assertThrows(LookupFailedException.class, () -> lookup(null, ID));
        assertEquals(LookupOutcome.ERROR, failure.outcome());
        assertEquals(false, failure.affectsSource());
    }

    @Test
    void examinationCountsContainersAndNothingElse() throws Exception {
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
    void anUnreadableDirectoryIsReportedWithItsFix() throws Exception {
        Files.createDirectories(root.resolve("tasks"));
        source(new Forbidden(), BundleDirectories.of(root.resolve("tasks").toString(), root));
        PlaceStatus report = source.examine().get(0);
        assertEquals(State.FAILS, report.state());
        assertTrue(report.text().contains("DAC_READ_SEARCH"), report::text);
        LookupFailedException failure = assertThrows(LookupFailedException.class, () -> lookup(null, ID));
        assertTrue(failure.getMessage().contains(root + "/tasks: permission denied"), failure::getMessage);
    }

    /** Files that the user may not read. */
    private static final class Forbidden implements ContainerFiles {

        @Override
        public String name() {
            return "oci";
        }

        @Override
        public Set<ContainerRuntime> runtimes() {
            return Set.of(ContainerRuntime.CONTAINERD);
        }

        @Override
        public Optional<ContainerDetails> read(Path directory, Workload.Named owner) throws IOException {
            throw new AccessDeniedException(directory.toString());
        }

        @Override
        public long count(Path directory) throws IOException {
            throw new AccessDeniedException(directory.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "on", "run/containerd", "/a,b", ",", "/a\0"})
    void anInvalidFlagIsNamedInTheError(String flag) {
        String message = assertThrows(IllegalArgumentException.class, () -> BundleDirectories.of(flag, root))
                .getMessage();
        assertTrue(message.startsWith("--oci.bundles=" + flag + ":"), message);
    }
}
