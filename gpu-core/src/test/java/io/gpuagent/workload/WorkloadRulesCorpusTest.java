package io.gpuagent.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The corpus of real cgroup files. Cases with more than one defensible result are tagged "judgement" and counted
 * separately.
 */
class WorkloadRulesCorpusTest {

    private static final int MIN_AGREED_JUDGEMENTS = 18;
    private static final int SHUFFLES = 5;

    private final List<CgroupCase> cases = CgroupCase.all();

    @TestFactory
    Stream<DynamicNode> cases() {
        return Stream.of(container("plain", false), container("judgement", true));
    }

    private DynamicContainer container(String name, boolean judgement) {
        return dynamicContainer(
                name,
                cases.stream()
                        .filter(c -> c.isJudgement() == judgement)
                        .map(c -> dynamicTest(c.id(), () -> check(c, !judgement))));
    }

    private static void check(CgroupCase c, boolean strict) {
        if (strict) {
            assertEquals(c.expectedOfCgroupOnly(), c.actualOfCgroupOnly(c.cgroup()), "without mountinfo");
            assertEquals(c.expected(), c.actual());
        } else {
            c.actual();
        }
    }

    @Test
    void corpusIsComplete() {
        assertEquals(221, cases.size());
        assertEquals(203, cases.stream().filter(c -> !c.isJudgement()).count());
    }

    @Test
    void numberOfAgreedJudgementsDoesNotDecrease() {
        List<String> different = cases.stream()
                .filter(CgroupCase::isJudgement)
                .filter(c -> !c.expected().equals(c.actual()))
                .map(CgroupCase::id)
                .toList();
        long agreed = cases.stream().filter(CgroupCase::isJudgement).count() - different.size();
        assertTrue(agreed >= MIN_AGREED_JUDGEMENTS, () -> agreed + " agree; different: " + different);
    }

    @TestFactory
    Stream<DynamicTest> orderOfLinesDoesNotMatter() {
        return cases.stream()
                .map(c -> dynamicTest(c.id(), () -> {
                    for (int seed = 0; seed < SHUFFLES; seed++) {
                        List<String> lines =
                                new ArrayList<>(Arrays.asList(c.cgroup().split("\n")));
                        Collections.shuffle(lines, new Random(seed));
                        assertEquals(
                                c.actualOfCgroupOnly(c.cgroup()),
                                c.actualOfCgroupOnly(String.join("\n", lines)),
                                "seed " + seed);
                    }
                }));
    }
}
