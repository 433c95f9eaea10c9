package io.gpuagent.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A sleeping process of the host, placed in a cgroup that the test chooses. Needs root for a cgroup or a chosen pid.
 */
public final class HostProcess implements AutoCloseable {

    private static final String SLEEP = "sleep";

    private final long pid;

    private HostProcess(long pid) {
        this.pid = pid;
    }

    public static HostProcess start() {
        return new HostProcess(spawn("", SLEEP));
    }

    /** Runs a program of this name from the directory; the kernel keeps the first 15 bytes of the name. */
    public static HostProcess named(byte[] name, Path directory) {
        String file = "file=" + directory + "/$(printf %b '" + octal(name) + "');";
        HostProcess process = new HostProcess(spawn(file + "cp /bin/sleep \"$file\";", "\"$file\""));
        Path comm = Path.of("/proc/" + process.pid + "/comm");
        Eventually.within(
                Duration.ofSeconds(5),
                "the process runs",
                () -> !shell("cat " + comm).equals("sh"));
        return process;
    }

    /** Skips the test where cgroups cannot be created. */
    public static void requireCgroups() {
        Path root = systemd();
        Requirement.of(
                "cgroups",
                Files.isWritable(root.resolve("cgroup.procs")),
                "a " + root + " that the tests may write to");
    }

    /** A process in a new cgroup at this path, given in bytes, of systemd's hierarchy. */
    public static HostProcess in(byte[] path) {
        String cgroup = "path=" + systemd() + "/$(printf %b '" + octal(path) + "');";
        String join = "mkdir -p \"$path\"; echo $$ > \"$path/cgroup.procs\";";
        return new HostProcess(spawn(cgroup + join, SLEEP));
    }

    /**
     * A process of the user nobody, in a cgroup at this path of systemd's hierarchy, that mounts the file over {@code
     * /etc/hostname} in user and mount namespaces of its own, as any local user can.
     */
    public static HostProcess bound(String path, Path file) {
        String join = "path=" + systemd() + "/" + path + "; mkdir -p \"$path\"; echo $$ > \"$path/cgroup.procs\";";
        String mount = "mount --bind " + file + " /etc/hostname && exec sleep 100000";
        String asNobody = "setpriv --reuid=65534 --regid=65534 --clear-groups unshare -Urm sh -c '" + mount + "'";
        long pid = Long.parseLong(shell(join + asNobody + " > /dev/null 2>&1 & echo $!"));
        Eventually.within(
                Duration.ofSeconds(5),
                "the file is mounted over /etc/hostname",
                () -> shell("grep -c ' /etc/hostname ' /proc/" + pid + "/mountinfo")
                        .equals("1"));
        return new HostProcess(pid);
    }

    /** A process with this pid, which must be free: the kernel assigns pids in order, and the last one can be set. */
    public static HostProcess withPid(long pid) {
        for (int attempt = 0; attempt < 50; attempt++) {
            long got = spawn("echo " + (pid - 1) + " > /proc/sys/kernel/ns_last_pid;", SLEEP);
            if (got == pid) {
                return new HostProcess(pid);
            }
            kill(got);
        }
        throw new AssertionError("the kernel did not assign pid " + pid);
    }

    private static long spawn(String before, String program) {
        return Long.parseLong(shell(before + " " + program + " 100000 > /dev/null 2>&1 & echo $!"));
    }

    private static String octal(byte[] bytes) {
        StringBuilder escapes = new StringBuilder();
        for (byte each : bytes) {
            escapes.append("\\0%03o".formatted(each & 0xff));
        }
        return escapes.toString();
    }

    private static String shell(String script) {
        try {
            Process process = new ProcessBuilder("sh", "-c", script)
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            process.waitFor();
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    public long pid() {
        return pid;
    }

    /** Moves the process into every cgroup of another process. */
    public HostProcess into(long other) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + other + "/cgroup"))) {
                String[] fields = line.split(":", 3);
                Files.writeString(
                        mount(fields[1]).resolve(fields[2].substring(1)).resolve("cgroup.procs"), Long.toString(pid));
            }
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static boolean hasCgroup(String name) {
        return Files.isDirectory(systemd().resolve(name));
    }

    /** Removes a cgroup of systemd's hierarchy and those below it. They must hold no process. */
    public static void removeCgroup(String name) {
        try (Stream<Path> files = Files.walk(systemd().resolve(name))) {
            for (Path cgroup : files.filter(Files::isDirectory)
                    .sorted(Comparator.reverseOrder())
                    .toList()) {
                Files.delete(cgroup);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path systemd() {
        Path named = mount("name=systemd");
        return Files.isDirectory(named) ? named : mount("");
    }

    private static Path mount(String controllers) {
        Path root = Path.of("/sys/fs/cgroup");
        if (controllers.isEmpty()) {
            Path unified = root.resolve("unified");
            return Files.isDirectory(unified) ? unified : root;
        }
        return root.resolve(controllers.replaceFirst("^name=", ""));
    }

    /** Kills the process and waits until it has left /proc. */
    public HostProcess end() {
        kill(pid);
        return this;
    }

    /** Kills all processes before waiting for any of them, because each may take seconds to leave /proc. */
    public static void endAll(List<HostProcess> processes) {
        processes.forEach(process -> ProcessHandle.of(process.pid).ifPresent(ProcessHandle::destroyForcibly));
        processes.forEach(HostProcess::close);
    }

    @Override
    public void close() {
        kill(pid);
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        Eventually.within(Duration.ofSeconds(5), "pid " + pid + " exits", () -> !Files.exists(Path.of("/proc/" + pid)));
    }
}
