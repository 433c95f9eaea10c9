package io.gpuagent.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A process of the host that sleeps, put where a test wants it. Needs root to be moved or to get a certain pid. */
public final class HostProcess implements AutoCloseable {

    private final long pid;

    private HostProcess(long pid) {
        this.pid = pid;
    }

    public static HostProcess start() {
        return new HostProcess(spawn(""));
    }

    /** A process with this pid, which must be free: the kernel hands pids out in order, and can be told the last one. */
    public static HostProcess withPid(long pid) {
        for (int attempt = 0; attempt < 50; attempt++) {
            long got = spawn("echo " + (pid - 1) + " > /proc/sys/kernel/ns_last_pid;");
            if (got == pid) {
                return new HostProcess(pid);
            }
            kill(got);
        }
        throw new AssertionError("the kernel does not hand out pid " + pid);
    }

    private static long spawn(String before) {
        return Long.parseLong(shell(before + " sleep 100000 > /dev/null 2>&1 & echo $!"));
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

    @Override
    public void close() {
        kill(pid);
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        Eventually.within(Duration.ofSeconds(5), "pid " + pid + " ends", () -> !Files.exists(Path.of("/proc/" + pid)));
    }
}
