package io.gpuagent.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gpuagent.cgroup.MountInfo.Mount;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MountInfoTest {

    @Test
    void mountHasItsDeviceItsRootAndItsPlace() {
        MountInfo mounts = MountInfo.parse("""
                30 29 0:26 /../a /sys/fs/cgroup ro - cgroup2 cgroup rw,nsdelegate
                41 29 8:1 /var/x /etc/x rw master:10 shared:3 - ext4 /dev/sda1 rw
                """);
        assertEquals(
                List.of(
                        new Mount("0:26", KernelPath.parse("/../a"), KernelPath.parse("/sys/fs/cgroup")),
                        new Mount("8:1", KernelPath.parse("/var/x"), KernelPath.parse("/etc/x"))),
                mounts.mounts());
    }

    @Test
    void pathIsLocatedOnTheInnermostMountThatIsNotHidden() {
        MountInfo mounts = MountInfo.parse("""
                20 1 8:1 / / rw - ext4 /dev/sda1 rw
                21 20 8:2 /data /var/lib rw - ext4 /dev/sdb1 rw
                22 20 8:3 / /var/lib rw - ext4 /dev/sdc1 rw
                23 20 8:4 / /var/library rw - ext4 /dev/sdd1 rw
                """);
        assertEquals("8:3 /docker/containers", located(mounts, "/var/lib/docker/containers"));
        assertEquals("8:1 /var/run", located(mounts, "/var/run"));
        assertEquals(Optional.empty(), MountInfo.parse("").locate(KernelPath.parse("/var")));
    }

    private static String located(MountInfo mounts, String path) {
        Mount place = mounts.locate(KernelPath.parse(path)).orElseThrow();
        return place.device() + " " + place.root().above(place.root().depth());
    }

    @Test
    void octalEscapesAndTheDeletedSuffixAreRemoved() {
        MountInfo mounts = MountInfo.parse("41 29 8:1 /a\\040b\\134x2d/c\\9//deleted /x rw - ext4 /dev/sda1 rw");
        assertEquals(
                new KernelPath(List.of("a b\\x2d", "c\\9")),
                mounts.mounts().get(0).root());
    }

    @Test
    void linesWithTooFewFieldsOrWithoutARootAreSkipped() {
        MountInfo mounts = MountInfo.parse("""
                hello
                30 29 0:26 a /b rw - cgroup2 cgroup rw
                - - - - - - - - -
                """);
        assertEquals(new MountInfo(List.of()), mounts);
    }
}
