package io.gpuagent.agent.ps;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CellFormatTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0 MiB",
        "1, <1 MiB",
        "-1, >-1 MiB",
        "46137344, 44 MiB",
        "-10485760, -10 MiB",
        "1073217535, 1023 MiB",
        "1073217536, 1.0 GiB",
        "1073741824, 1.0 GiB",
        "85899345920, 80.0 GiB",
        "-2147483648, -2.0 GiB",
    })
    void memoryIsShownInTheFittingUnit(long bytes, String text) {
        assertEquals(text, CellFormat.memory(bytes));
    }

    @Test
    void anUnknownValueIsAQuestionMark() {
        assertEquals("?", CellFormat.memory(null));
        assertEquals("?", CellFormat.share(1L, null));
        assertEquals("?", CellFormat.share(1L, 0L));
        assertEquals("?", CellFormat.percent(null));
    }
}
