package io.gpuagent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.Requirement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcFsTest {

    @TempDir
    Path root;

    @Test
    void ownProcessIsReadFromTheRealProc() throws IOException {
        Requirement.of("/proc", Files.exists(Path.of("/proc/self/stat")), "mount -t proc proc /proc");
        ProcFs proc = new ProcFs(Path.of("/proc"));
        int pid = (int) ProcessHandle.current().pid();

        ProcessStat stat = proc.stat(pid).orElseThrow();
        assertEquals(pid, stat.identity().pid());
        assertEquals("java", stat.comm());
        assertTrue(stat.identity().startTicks() > 0);
        assertEquals(stat.identity(), proc.stat(pid).orElseThrow().identity());
        assertTrue(proc.cgroup(pid).orElseThrow().contains(":/"));
        assertTrue(proc.mountinfo(pid).orElseThrow().contains(" - proc "));
        assertEquals(OptionalInt.of((Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid")), proc.uid(pid));
    }

    @Test
    void missingProcessIsEmpty() throws IOException {
        ProcFs proc = new ProcFs(root);
        assertEquals(Optional.empty(), proc.stat(5));
        assertEquals(Optional.empty(), proc.cgroup(5));
        assertEquals(OptionalInt.empty(), proc.uid(5));
    }

    @Test
    void unreadableFileIsAnException() throws IOException {
        Files.createDirectories(root.resolve("5/stat"));
        assertThrows(IOException.class, () -> new ProcFs(root).stat(5));
    }

    @Test
    void commandNameMayContainParenthesesAndSpaces() throws IOException {
        String rest = " S 1 5 5 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 1000 1 18446744073709551615";
        write(5, "stat", "5 (a) R 1 (b)" + rest);

        ProcessStat stat = new ProcFs(root).stat(5).orElseThrow();
        assertEquals("a) R 1 (b", stat.comm());
        assertEquals('S', stat.state());
        assertEquals(new ProcessIdentity(5, 987654), stat.identity());
    }

    @Test
    void malformedStatIsEmpty() throws IOException {
        for (String text : new String[] {"", "5", "5 (a", "5 (a)", "5 (a) S", "x (a) S" + " 1".repeat(30), "\0)("}) {
            write(5, "stat", text);
            assertEquals(Optional.empty(), new ProcFs(root).stat(5), text);
        }
    }

    @Test
    void overlongFileIsTruncated() throws IOException {
        write(5, "cgroup", "0::/" + "x".repeat(3 << 20));
        assertEquals(1 << 20, new ProcFs(root).cgroup(5).orElseThrow().length());
    }

    @Test
    void procIsTheHostsIfPidTwoIsKthreadd() throws IOException {
        assertFalse(new ProcFs(root).hostPids());
        write(2, "comm", "bash\n");
        assertFalse(new ProcFs(root).hostPids());
        write(2, "comm", "kthreadd\n");
        assertTrue(new ProcFs(root).hostPids());
    }

    @Test
    void procIsTheHostsIfPidTwoIsHiddenInTheInitialNamespace() throws IOException {
        Files.createDirectories(root.resolve("self/ns"));
        Path link = root.resolve("self/ns/pid");
        Files.createSymbolicLink(link, Path.of("pid:[4026532281]"));
        assertFalse(new ProcFs(root).hostPids());
        Files.delete(link);
        Files.createSymbolicLink(link, Path.of("pid:[4026531836]"));
        assertTrue(new ProcFs(root).hostPids());
        assertTrue(new ProcFs(root).hidesProcesses());
        write(2, "comm", "kthreadd\n");
        assertFalse(new ProcFs(root).hidesProcesses());
    }

    private void write(int pid, String file, String text) throws IOException {
        Path directory = Files.createDirectories(root.resolve(Integer.toString(pid)));
        Files.writeString(directory.resolve(file), text);
    }
}
