package io.gpuagent.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListenAddressTest {

    @ParameterizedTest
    @ValueSource(strings = {":9900", "127.0.0.1:9900", "[::1]:9900", "gpu-node.example:0", "[fe80::1%eth0]:65535"})
    void anAddressIsPrintedAsItWasParsed(String text) {
        assertEquals(text, ListenAddress.parse(text).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "9900", ":", "::1:9900", "localhost", "localhost:", ":-1", "http://x:1", ":123456", "a b:1"})
    void anInvalidAddressIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> ListenAddress.parse(text));
    }

    @Test
    void noHostMeansAllInterfaces() {
        assertTrue(ListenAddress.parse(":9900").toSocketAddress().getAddress().isAnyLocalAddress());
        assertTrue(ListenAddress.parse("[::1]:1").toSocketAddress().getAddress().isLoopbackAddress());
    }
}
