package io.gpuagent.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class CgroupFileTest {

    @Test
    void lineIsSplitAtItsFirstTwoColonsOnly() {
        assertEquals(
                List.of(line("12", "cpu,cpuacct", "a", "b:c:d.service")),
                CgroupFile.parse("12:cpu,cpuacct:/a/b:c:d.service\n").lines());
    }

    @Test
    void cgroupVersionTwoLineHasNoControllers() {
        assertEquals(List.of(line("0", "")), CgroupFile.parse("0::/").lines());
    }

    @Test
    void invalidLinesAreSkipped() {
        String text = "\n\0\nhello\n1\n1:cpu\n:cpu:/a\n1x:cpu:/a\n-1:cpu:/a\n2:cpu:a\n3:cpu:\n4:cpu:/b";
        assertEquals(List.of(line("4", "cpu", "b")), CgroupFile.parse(text).lines());
    }

    @Test
    void carriageReturnAndDeletedSuffixAreRemovedFromAPath() {
        assertEquals(
                List.of(line("0", "", "a"), line("1", "cpu")),
                CgroupFile.parse("0::/a (deleted)\r\n1:cpu:/ (deleted)\n").lines());
    }

    @Test
    void carriageReturnInsideANameIsKept() {
        assertEquals(
                List.of(line("0", "", "a\rb")), CgroupFile.parse("0::/a\rb\n").lines());
    }

    @Test
    void dotsAndEmptyNamesAreRemovedFromAPath() {
        assertEquals(
                List.of(new CgroupFile.Line("0", "", new KernelPath(List.of("a", "b"), 2))),
                CgroupFile.parse("0::/../../a//./b/").lines());
    }

    @Test
    void pathBelowTheAgentsOwnCgroupIsEmpty() {
        CgroupFile root = CgroupFile.parse("0::/../..\n3:memory:/\n");
        String below = "0::/../../a\n0::/../a\n3:memory:/b\n";
        assertEquals(CgroupFile.parse(below), CgroupFile.parse(below).below(root));
        assertEquals(
                List.of(line("0", ""), line("3", "memory"), line("4", "pids", "c")),
                CgroupFile.parse("0::/a\n3:memory:/../b\n4:pids:/c\n")
                        .below(root)
                        .lines());
    }

    @Test
    void overlongNameBecomesAnEmptyName() {
        KernelPath path = KernelPath.parse("/a/" + "x".repeat(256) + "/b");
        assertEquals(List.of("a", "", "b"), path.names());
        assertEquals("", path.name(-1));
        assertEquals("", path.name(3));
    }

    private static CgroupFile.Line line(String hierarchy, String controllers, String... names) {
        return new CgroupFile.Line(hierarchy, controllers, new KernelPath(List.of(names)));
    }
}
