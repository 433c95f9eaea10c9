package io.gpuagent.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JvmFlagsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Dgpuagent.launcher=true",
                "-Xmx64m",
                "-XX:MaxHeapSize=64m",
                "-XX:MaxRAMPercentage=5",
                "-XX:MaxRAM=1g"
            })
    void aChosenHeapSizeCausesNoAdvice(String flag) {
        assertEquals(Optional.empty(), JvmFlags.advice(List.of("-Xss256k", flag), 1L << 26));
    }

    @Test
    void aBareStartCausesOneShortLineOnItsMemoryCost() {
        String advice = JvmFlags.advice(List.of("-Xss256k"), 8L << 30).orElseThrow();
        assertTrue(advice.contains("8192 MiB"), advice);
        assertTrue(advice.contains("gpu-agent.jvm"), advice);
        assertTrue(advice.length() <= 120, advice);
    }
}
