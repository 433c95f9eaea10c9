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

/** A process of the host that sleeps, put where a test wants it. Needs root to be moved or to get a certain pid. */
public final class HostProcess implements AutoCloseable {

    private static final String SLEEP = "sleep";

    private final long pid;

    private HostProcess(long pid) {
        this.pid = pid;
    }

    public static HostProcess start() {
        return new HostProcess(spawn("", SLEEP));
    }

    /** A process of a program in the directory that has these bytes for a name, of which the kernel keeps the first 15. */
    public static HostProcess named(byte[] name, Path directory) {
        String file = "file=" + directory + "/$(printf %b '" + octal(name) + "');";
        HostProcess process = new HostProcess(spawn(file + "cp /bin/sleep \"$file\";", "\"$file\""));
        Path comm = Path.of("/proc/" + process.pid + "/comm");
        Eventually.within(
                Duration.ofSeconds(5), "it runs", () -> !shell("cat " + comm).equals("sh"));
        return process;
    }

    /** Skips the test where no cgroup can be made. */
    public static void requireCgroups() {
        Path root = systemd();
        Requirement.of("cgroups", Files.isWritable(root.resolve("cgroup.procs")), root + " is not for us to write");
    }

    /** A process in a cgroup that is made for it, at a path of these bytes in systemd's hierarchy. */
    public static HostProcess in(byte[] path) {
        String cgroup = "path=" + systemd() + "/$(printf %b '" + octal(path) + "');";
        String join = "mkdir -p \"$path\"; echo $$ > \"$path/cgroup.procs\";";
        return new HostProcess(spawn(cgroup + join, SLEEP));
    }

    /** A process with this pid, which must be free: the kernel hands pids out in order, and can be told the last one. */
    public static HostProcess withPid(long pid) {
        for (int attempt = 0; attempt < 50; attempt++) {
            long got = spawn("echo " + (pid - 1) + " > /proc/sys/kernel/ns_last_pid;", SLEEP);
            if (got == pid) {
                return new HostProcess(pid);
            }
            kill(got);
        }
        throw new AssertionError("the kernel does not hand out pid " + pid);
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
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            process.waitFor();
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    public long pid() {
        return pid;
    }

    /** Moves the process into all cgroups of another. */
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

    /** Removes a cgroup of systemd's hierarchy with those below it, in which no process may be left. */
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

    /** Ends the process, and waits until it has left /proc. */
    public HostProcess end() {
        kill(pid);
        return this;
    }

    /** Ends them all: it may take seconds until a dead process is reaped, however many there are. */
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
        Eventually.within(Duration.ofSeconds(5), "pid " + pid + " ends", () -> !Files.exists(Path.of("/proc/" + pid)));
    }
}
