package io.gpuagent.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpositionTest {

    @Test
    void labelsAreReadWithoutTheirEscapes() {
        assertEquals(
                List.of(
                        new Exposition.Series("a", Map.of("b", "\"\\n\n\r}", "c", ""), Double.POSITIVE_INFINITY),
                        new Exposition.Series("d", Map.of(), -1.5E9)),
                Exposition.parse("# HELP a Text.\na{b=\"\\\"\\\\n\\n\r}\",c=\"\",} +Inf\nd -1.5E9\n# EOF\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a 1",
                "a{b=\"\"\"} 1\n",
                "a{b=\"\n\"} 1\n",
                "a{b=\"\\\"} 1\n",
                "a{b=\"\\t\"} 1\n",
                "a{b=\"1\",b=\"2\"} 1\n",
                "a{b c=\"\"} 1\n",
                "a one\n",
                "\n",
                "# a\n"
            })
    void anInvalidPageIsRefused(String page) {
        assertThrows(AssertionError.class, () -> Exposition.parse(page));
    }
}
