package io.gpuagent.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The processes under a proc file system, by default {@code /proc}. Reads only files that the kernel lets everybody read ({@code stat},
 * {@code cgroup}, {@code mountinfo} where permitted), never {@code environ} or {@code cmdline}, which hold secrets. May be called from
 * any thread.
 */
public final class ProcFs implements ProcessSource {

    /** Inode of the initial pid namespace: PROC_PID_INIT_INO in the kernel's include/linux/proc_ns.h. */
    private static final String INITIAL_PID_NAMESPACE = "pid:[4026531836]";

    private static final int STAT_LIMIT = 4 << 10;
    private static final int CGROUP_LIMIT = 1 << 20;
    private static final int MOUNTINFO_LIMIT = 4 << 20;

    private final Path root;
    private final UserNames users;

    /** @param root where the host's proc file system is mounted: {@code /proc}, or elsewhere inside a container */
    public ProcFs(Path root) {
        this(root, Path.of("/"));
    }

    /** @param rootfs where the host's root directory is mounted, whose {@code etc/passwd} names the users */
    public ProcFs(Path root, Path rootfs) {
        this.root = root;
        this.users = new UserNames(rootfs.resolve("etc/passwd"));
    }

    /**
     * Whether this proc file system is the host's: pid 2 of the initial pid namespace is the kernel's {@code kthreadd}, and no process
     * of another namespace is; or we ourselves live in the initial namespace, though {@code hidepid} hides pid 2 from us.
     */
    @Override
    public boolean hostPids() {
        return isKthreadd() || isInitialNamespace(root.resolve("self/ns/pid"));
    }

    /** {@code hidepid=2} of proc(5) hides what we may not trace: then pid 2 is not there, though we live in its namespace. */
    @Override
    public boolean hidesProcesses() {
        return Files.notExists(directory(2)) && isInitialNamespace(root.resolve("self/ns/pid"));
    }

    private boolean isKthreadd() {
        try {
            return read(2, "comm", STAT_LIMIT).orElse("").trim().equals("kthreadd");
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isInitialNamespace(Path link) {
        try {
            return Files.readSymbolicLink(link).toString().equals(INITIAL_PID_NAMESPACE);
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public Optional<ProcessStat> stat(int pid) throws IOException {
        return read(pid, "stat", STAT_LIMIT).flatMap(ProcessStat::parse);
    }

    @Override
    public Optional<String> cgroup(int pid) throws IOException {
        return read(pid, "cgroup", CGROUP_LIMIT);
    }

    @Override
    public Optional<String> mountinfo(int pid) throws IOException {
        return read(pid, "mountinfo", MOUNTINFO_LIMIT);
    }

    @Override
    public OptionalInt uid(int pid) {
        try {
            return OptionalInt.of((Integer) Files.getAttribute(directory(pid), "unix:uid"));
        } catch (IOException | UnsupportedOperationException e) {
            return OptionalInt.empty();
        }
    }

    @Override
    public Optional<String> userName(int uid) {
        return users.name(uid);
    }

    private Path directory(int pid) {
        return root.resolve(Integer.toString(pid));
    }

    private Optional<String> read(int pid, String file, int limit) throws IOException {
        try (InputStream in = Files.newInputStream(directory(pid).resolve(file))) {
            return Optional.of(new String(in.readNBytes(limit), StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (AccessDeniedException e) {
            throw e;
        } catch (IOException e) {
            // A process that ends between open and read answers ESRCH, which has no exception type of its own.
            if (Files.notExists(directory(pid))) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
