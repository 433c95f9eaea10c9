package io.gpuagent.nvml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.DeviceFunctions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RefusalsTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    /** Returns the seconds at which a function is called that is read once a second and always returns this code. */
    private static List<Integer> calls(int code, int seconds) {
        Refusals refusals = new Refusals();
        List<Integer> calls = new ArrayList<>();
        for (int second = 0; second < seconds; second++) {
            long now = 7 * SECOND + second * SECOND;
            if (refusals.instead(DeviceFunctions.ENERGY, now) == null) {
                calls.add(second);
                refusals.record(DeviceFunctions.ENERGY, code, now);
            }
        }
        return calls;
    }

    @Test
    void aFunctionThatFailsTheSameWayIsCalledEverMoreRarely() {
        assertEquals(List.of(0, 1, 2, 7, 17, 37, 77, 157), calls(ReturnCode.UNKNOWN, 300));
        assertEquals(List.of(0, 5, 15, 35, 75, 155), calls(ReturnCode.NOT_SUPPORTED, 300));
        assertEquals(List.of(0, 5, 15, 35, 75, 155), calls(ReturnCode.DEPRECATED, 300));
    }

    @Test
    void theIntervalGrowsToAnHour() {
        for (int code : List.of(ReturnCode.UNKNOWN, ReturnCode.NOT_SUPPORTED, ReturnCode.DEPRECATED)) {
            List<Integer> calls = calls(code, 24 * 3600);
            assertEquals(3600, calls.get(calls.size() - 1) - calls.get(calls.size() - 2));
        }
    }

    @Test
    void anotherCodeOrASuccessStartsAgain() {
        Refusals refusals = new Refusals();
        for (int code : List.of(4, 4, 999, 999, 4, 4, 0, 4, 4, 6, 4, 4)) {
            assertNull(refusals.instead(DeviceFunctions.ENERGY, SECOND));
            refusals.record(DeviceFunctions.ENERGY, code, SECOND);
        }
        refusals.record(DeviceFunctions.ENERGY, 4, SECOND);
        assertEquals(DeviceCalls.NOT_CALLED, refusals.instead(DeviceFunctions.ENERGY, SECOND));
        assertNull(refusals.instead(DeviceFunctions.MIG_MODE, SECOND), "another function is not concerned");
    }

    @Test
    void whatTheCallerSeesOfARefusal() {
        Map.of(3, List.of(3, 3), 13, List.of(3, 3), 25, List.of(3, 3), 26, List.of(26, 3), 999, List.of(999, 999))
                .forEach((code, seen) -> {
                    Refusals refusals = new Refusals();
                    List<Integer> codes = new ArrayList<>();
                    for (int i = 0; i < 2; i++) {
                        codes.add(refusals.record(DeviceFunctions.ENERGY, code, SECOND));
                    }
                    assertEquals(seen, codes);
                });
    }
}
