package io.gpuagent.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Timeout.ThreadMode.SEPARATE_THREAD;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gpuagent.testing.Replay;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.provider.MethodSource;

/** A process's name cannot affect the other fields of its stat file. */
@Timeout(value = 60, threadMode = SEPARATE_THREAD)
class ProcessStatFuzzTest {

    private static final String REST =
            " S 1 5 5 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 1000 1 18446744073709551615 0\n";

    @RegisterExtension
    static final Replay REPLAY = new Replay();

    static Stream<byte[]> seeds() {
        return Stream.of(
                        "a",
                        "a) R 1 (b",
                        ")",
                        "(",
                        ") S" + " 1".repeat(30),
                        "5 (a)" + REST,
                        "\n5 (a) R",
                        "5 (a)",
                        "x (a)" + REST)
                .map(name -> name.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("seeds")
    @FuzzTest
    void noNameChangesTheProcessIdentity(byte[] bytes) {
        REPLAY.count("noNameChangesTheProcessIdentity");
        String name = new String(bytes, StandardCharsets.UTF_8);
        ProcessStat expected = new ProcessStat(new ProcessIdentity(5, 987654), name, 'S');
        assertEquals(Optional.of(expected), ProcessStat.parse("5 (" + name + ")" + REST));
        ProcessStat.parse(name).ifPresent(stat -> assertTrue(name.contains("(" + stat.comm() + ")"), stat::toString));
    }
}
