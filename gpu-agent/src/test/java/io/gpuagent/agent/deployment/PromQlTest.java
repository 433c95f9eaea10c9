package io.gpuagent.agent.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import org.junit.jupiter.api.Test;

class PromQlTest {

    @Test
    void metricsAreTheNamesThatAreNotKeywordsFunctionsOrLabels() {
        String expression = """
                sum by (gpu, uuid) (gpu_memory_used_bytes{node=~"$node",kind="up"} offset 5m) / 2^30
                  and on (job) group_left () avg_over_time(a:b:sum1d[1h:5m]) > bool 1.5e3 unless up # not_this
                """;
        assertEquals(Set.of("gpu_memory_used_bytes", "a:b:sum1d", "up"), PromQl.metrics(expression));
    }
}
