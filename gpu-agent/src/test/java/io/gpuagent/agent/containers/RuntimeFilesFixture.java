package io.gpuagent.agent.containers;

import io.gpuagent.testing.Opened;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A root directory with files of container runtimes, and a source that reads them. */
@ExtendWith(Opened.Scope.class)
abstract class RuntimeFilesFixture {

    static final String ID = "0123456789abcdef".repeat(4);
    static final String POD = "6ea6ee62-1b3c-4c0f-9a55-0d7c8f1f2a10";
    static final String PODMAN_ID = "9".repeat(64);

    @TempDir
    Path root;

    @Nullable
    FileSource source;

    private Opened opened;

    @BeforeEach
    void begin(Opened opened) {
        this.opened = opened;
    }

    void bundles(String flag) {
        source(new BundleFiles(), BundleDirectories.of(flag, root));
    }

    void storage(String flag) {
        source(new StorageFiles(), BundleDirectories.of(flag, root));
    }

    BundleDirectories users() {
        return BundleDirectories.of("auto", root).of(BundleDirectories.Origin.USERS);
    }

    void source(ContainerFiles files, BundleDirectories directories) {
        opened.close();
        source = opened.add(new FileSource(files, directories));
    }

    static String index() throws IOException {
        return OciBundleTest.text("podman-4.3.containers.json");
    }

    Optional<ContainerDetails> pod(String uid) throws Exception {
        return source.lookup(new Workload.Pod(uid, null));
    }

    Optional<ContainerDetails> lookup(@Nullable ContainerRuntime runtime, String id) throws Exception {
        return source.lookup(new Workload.Container(runtime, id, null, null));
    }

    /** Looks up a container below a user's slice. */
    Optional<ContainerDetails> lookup(String uid, @Nullable ContainerRuntime runtime, String id) throws Exception {
        return source.lookup(new Workload.Container(runtime, id, null, null, new Workload.User(uid), ""));
    }

    /** Makes the user's home directory {@code /home/NAME}. */
    void user(String name, int uid) throws IOException {
        write("etc/passwd", name + ":x:" + uid + ":" + uid + "::/home/" + name + ":/bin/sh\n");
    }

    void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
