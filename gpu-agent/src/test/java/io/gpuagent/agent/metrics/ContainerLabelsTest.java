package io.gpuagent.agent.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ContainerLabelsTest {

    @Test
    void aContainerLabelsKeyBecomesAMetricLabelName() {
        assertEquals(
                List.of("label_team", "label_app_kubernetes_io_name", "label_caf_"),
                names("team", "app.kubernetes.io/name", "caf\u00e9"));
    }

    @Test
    void keysWithTheSameLabelNameAreNumbered() {
        assertEquals(
                List.of("label_a_b_conflict1", "label_a_b_conflict2", "label_a_b_conflict3", "label_A_b"),
                names("a.b", "a-b", "A.b", "a_b"));
    }

    @Test
    void aNumberedNameDoesNotCollideWithAnotherKey() {
        assertEquals(
                List.of("label_a_b_conflict2", "label_a_b_conflict3", "label_a_b_conflict1"),
                names("a.b", "a-b", "a_b_conflict1"));
    }

    @Test
    void aLabelThatAContainerLacksIsEmpty() {
        assertEquals(
                List.of("", "asr"),
                ContainerLabels.of(List.of("app", "team")).values(Map.of("team", "asr", "other", "x")));
    }

    private static List<String> names(String... keys) {
        return List.copyOf(ContainerLabels.of(List.of(keys)).names().values());
    }
}
