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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The processes of a mounted proc file system. Reads only {@code stat}, {@code status}, {@code cgroup} and, where permitted, {@code
 * mountinfo}; never {@code environ} or {@code cmdline}, which may contain secrets. Thread-safe.
 */
public final class ProcFs implements ProcessSource {

    /** Inode of the initial pid namespace: PROC_PID_INIT_INO in the kernel's include/linux/proc_ns.h. */
    private static final String INITIAL_PID_NAMESPACE = "pid:[4026531836]";

    private static final Pattern UID = Pattern.compile("^Uid:\\s+([0-9]{1,9})\\b", Pattern.MULTILINE);

    private static final int STATUS_LIMIT = 4 << 10;
    private static final int STAT_LIMIT = 4 << 10;
    private static final int CGROUP_LIMIT = 1 << 20;
    private static final int MOUNTINFO_LIMIT = 4 << 20;

    private final Path root;
    private final UserNames users;

    /**
     * @param root mount point of the host's proc file system: {@code /proc}, or another directory inside a container
     */
    public ProcFs(Path root) {
        this(root, Path.of("/"));
    }

    /** @param rootfs mount point of the host's root directory; user names are read from its {@code etc/passwd} */
    public ProcFs(Path root, Path rootfs) {
        this(root, rootfs, UserLabel.NAME, null);
    }

    /**
     * @param label how users are shown
     * @param names a file in passwd(5) form to read instead of the host's, for users of a directory service; null for none
     */
    public ProcFs(Path root, Path rootfs, UserLabel label, @Nullable Path names) {
        this.root = root;
        this.users = new UserNames(
                names == null ? rootfs.resolve("etc/passwd") : names, rootfs.resolve("etc/subuid"), label);
    }

    /**
     * Whether this proc file system is the host's. Pid 2 is the kernel's {@code kthreadd} in the initial pid namespace
     * only. Where {@code hidepid} hides pid 2, the check is whether this process runs in the initial namespace.
     */
    @Override
    public boolean hostPids() {
        return isKthreadd() || isInitialNamespace(root.resolve("self/ns/pid"));
    }

    /**
     * {@code hidepid=2} (proc(5)) hides processes that this one may not trace: pid 2 is missing although this process
     * runs in the initial namespace.
     */
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

    /** The real uid. The owner of the directory is root for a process that must not be dumped: proc(5). */
    @Override
    public OptionalInt uid(int pid) {
        try {
            Matcher uid = UID.matcher(read(pid, "status", STATUS_LIMIT).orElse(""));
            return uid.find() ? OptionalInt.of(Integer.parseInt(uid.group(1))) : OptionalInt.empty();
        } catch (IOException e) {
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
            // If the process exits between open and read, the read fails with ESRCH, for which Java has no exception
            // type.
            if (Files.notExists(directory(pid))) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
