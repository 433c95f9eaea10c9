package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.gpuagent.nvml.FakeNvml.Variant;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests every entry size with every version of the process list functions. */
class ListVersionsTest {

    @TempDir
    private Path directory;

    @Test
    void unsuffixedFunctionsAreReadWithEveryEntrySize() {
        assertMeasured(Variant.DRIVER_418, "stride");
    }

    @Test
    void secondVersionsAreReadWithEveryEntrySize() {
        assertMeasured(Variant.DRIVER_470, "stride_v2");
    }

    @Test
    void thirdVersionsOfEarly535AreReadWithEveryEntrySize() {
        assertMeasured(Variant.DRIVER_535_EARLY, "stride_v3");
    }

    private void assertMeasured(Variant variant, String key) {
        FakeNvml fake = FakeNvml.build(variant, directory);
        int session = 0;
        try (Probe probe = Probe.start(fake.library())) {
            for (int size : List.of(16, 24, 32)) {
                for (int count : List.of(1, 2, 7)) {
                    fake.play("device 0 uuid=GPU-a\nlibrary reload=" + ++session + " " + key + "=" + size + "\n"
                            + processes(count));
                    String rows = IntStream.range(0, count)
                            .mapToObj(i -> (100 + i) + " C+G  " + (1L + i << 20))
                            .collect(Collectors.joining(", "));
                    assertEquals(
                            List.of("0 GPU-a memory=null processes=[" + rows + "] readings=[] faults=[] rejections=[]"),
                            probe.sample(),
                            count + " entries of " + size);
                }
            }
        }
    }

    private static String processes(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "proc 0 list=C+G pid=" + (100 + i) + " mem=" + (1 + i) + "M\n")
                .collect(Collectors.joining());
    }
}
