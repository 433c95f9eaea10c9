package io.gpuagent.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.gpuagent.cgroup.CgroupFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The rules for each cgroup name format, with near misses. */
class WorkloadRulesTest {

    static final String A = "0123456789abcdef".repeat(4);
    static final String B = "b".repeat(64);
    static final String C = "c0".repeat(32);
    static final String U = "11111111-2222-3333-4444-555555555555";

    @TestFactory
    Stream<DynamicTest> rules() throws IOException {
        return rows().map(row ->
                dynamicTest(row[0], () -> assertEquals(filled(row[2]), workload(filled(file(row[1]))))));
    }

    /** The name, lines and expected workload of each case. */
    static Stream<String[]> rows() throws IOException {
        return text().lines()
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .map(line -> line.split(" \\| "));
    }

    private static String text() throws IOException {
        try (InputStream in = WorkloadRulesTest.class.getResourceAsStream("rule-cases.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Converts a column of a test case to file content: one line per entry. Placeholders for ids are kept. */
    static String file(String column) {
        return column.replace("\"", "").replace(" ; ", "\n") + "\n";
    }

    /** Replaces the placeholders in a text with ids. */
    static String filled(String text) {
        return text.replace("{A}", A)
                .replace("{A-}", A.substring(1))
                .replace("{B}", B)
                .replace("{C}", C)
                .replace("{U}", U)
                .replace("{U_}", U.replace('-', '_'))
                .replace("{V}", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee")
                .replace("{H}", "0123456789abcdef".repeat(2));
    }

    private static String workload(String cgroup) {
        CgroupFile file = CgroupFile.parse(cgroup);
        return WorkloadRules.workload(file)
                .map(WorkloadRulesTest::words)
                .orElse(file.lines().isEmpty() ? "none" : "host");
    }

    static String words(Workload workload) {
        Workload outer = workload.outer();
        return own(workload) + (outer == null || outer instanceof Workload.User ? "" : " in " + words(outer));
    }

    private static String own(Workload workload) {
        if (workload instanceof Workload.Container c) {
            String pod = c.podUid() == null ? "" : " pod=" + c.podUid() + " qos=" + known(c.qos());
            return "container " + known(c.runtime() == null ? null : c.runtime().label()) + " " + c.id() + pod;
        }
        if (workload instanceof Workload.Pod pod) {
            return "pod " + pod.uid() + " qos=" + known(pod.qos());
        }
        if (workload instanceof Workload.Unit unit) {
            return "unit " + unit.name() + (unit.userId() == null ? "" : " user=" + unit.userId());
        }
        return workload instanceof Workload.Lxc lxc ? "lxc " + lxc.name() : "job " + ((Workload.Job) workload).id();
    }

    private static String known(@Nullable String value) {
        return Optional.ofNullable(value).orElse("?");
    }
}
