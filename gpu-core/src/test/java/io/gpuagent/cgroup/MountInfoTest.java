package io.gpuagent.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class MountInfoTest {

    @Test
    void cgroupMountsBecomeCgroupFileLines() {
        MountInfo mounts = MountInfo.parse("""
                30 29 0:26 /../a /sys/fs/cgroup ro - cgroup2 cgroup rw,nsdelegate
                31 29 0:27 /b /sys/fs/cgroup/systemd ro master:9 - cgroup cgroup rw,xattr,name=systemd
                32 29 0:28 /c /sys/fs/cgroup/memory ro master:10 shared:3 - cgroup cgroup rw,memory
                """);
        assertEquals(
                List.of(
                        new CgroupFile.Line("0", "", KernelPath.parse("/a")),
                        new CgroupFile.Line("1", "name=systemd", KernelPath.parse("/b")),
                        new CgroupFile.Line("1", "rw,memory", KernelPath.parse("/c"))),
                mounts.cgroups().lines());
    }

    @Test
    void mountsOfWholeFileSystemsAreNotBinds() {
        MountInfo mounts = MountInfo.parse("""
                40 29 8:1 / / rw - ext4 /dev/sda1 rw
                41 29 8:1 /var/x /etc/x rw - ext4 /dev/sda1 rw
                """);
        assertEquals(List.of(KernelPath.parse("/var/x")), mounts.binds());
    }

    @Test
    void octalEscapesAndTheDeletedSuffixAreRemoved() {
        MountInfo mounts = MountInfo.parse("41 29 8:1 /a\\040b\\134x2d/c\\9//deleted /x rw - ext4 /dev/sda1 rw");
        assertEquals(List.of(new KernelPath(List.of("a b\\x2d", "c\\9"))), mounts.binds());
    }

    @Test
    void linesWithoutASeparatorOrARootAreSkipped() {
        MountInfo mounts = MountInfo.parse("""
                hello
                30 29 0:26 /a /b rw cgroup2 cgroup rw
                30 29 0:26 /a /b rw -
                30 29 0:26 a /b rw - cgroup2 cgroup rw
                - - - - - - - - -
                """);
        assertEquals(new MountInfo(new CgroupFile(List.of()), List.of()), mounts);
    }
}
