package io.gpuagent.agent.cli;

import static io.gpuagent.agent.cli.InvocationTest.invoke;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentTest {

    @ParameterizedTest
    @EnumSource(Flag.class)
    void noFlagUsesAVariableThatKubernetesInjects(Flag flag) {
        assertFalse(Environment.isServiceLink(flag.variable()), flag.variable());
    }

    @Test
    void unknownVariablesCauseOneWarning() {
        Map<String, String> environment = Map.of("GPU_AGENT_NO_SUCH", "1", "GPU_AGENT_FORMAT", "csv", "PATH", "/bin");
        assertEquals(
                List.of("ignored environment variables that match no flag: GPU_AGENT_FORMAT, GPU_AGENT_NO_SUCH"),
                assertInstanceOf(Invocation.RunServe.class, invoke(environment)).warnings());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GPU_AGENT_PORT",
                "GPU_AGENT_SERVICE_HOST",
                "GPU_AGENT_SERVICE_PORT",
                "GPU_AGENT_SERVICE_PORT_METRICS",
                "GPU_AGENT_PORT_9900_TCP",
                "GPU_AGENT_PORT_9900_TCP_ADDR"
            })
    void variablesThatKubernetesInjectsCauseNoWarning(String variable) {
        Invocation.RunServe serve =
                assertInstanceOf(Invocation.RunServe.class, invoke(Map.of(variable, "tcp://10.0.0.1:9900")));
        assertEquals(List.of(), serve.warnings());
    }
}
