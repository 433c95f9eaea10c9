package io.gpuagent.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class JvmFlagsTest {

    @Test
    void theLauncherLeavesNothingToSay() {
        Properties properties = new Properties();
        properties.setProperty("gpuagent.launcher", "true");
        assertEquals(Optional.empty(), JvmFlags.advice(properties, 1L << 30));
    }

    @Test
    void aBareStartIsToldWhatItCosts() {
        String advice = JvmFlags.advice(new Properties(), 8L << 30).orElseThrow();
        assertTrue(advice.contains("8192 MiB"), advice);
        assertTrue(advice.contains("@gpu-agent.jvm"), advice);
    }
}
