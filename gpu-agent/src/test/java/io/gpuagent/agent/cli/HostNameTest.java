package io.gpuagent.agent.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;

class HostNameTest {

    @Test
    void theHostHasAName() {
        assertFalse(HostName.read().isBlank());
    }
}
