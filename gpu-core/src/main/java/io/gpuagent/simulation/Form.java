package io.gpuagent.simulation;

import io.gpuagent.device.Engine;
import io.gpuagent.device.GpuDetail;
import io.gpuagent.simulation.Words.Word;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The statements of a scenario: what each takes without a key, which keys it needs, and which it takes. */
enum Form {
    // spotless:off: a table
    CYCLE(Key.LENGTH, List.of()),
    DRIVER(null, List.of(), Key.VERSION, Key.CODE),
    DEVICE(Key.DEVICE, List.of(), Key.FROM, Key.UNTIL, Key.UUID, Key.NAME, Key.BUS, Key.TOTAL, Key.USED, Key.OTHER, Key.RESERVED,
            Key.MIG, Key.ACCOUNTING, Key.ENERGY, Key.ENERGY_RESET),
    INSTANCE(Key.DEVICE, List.of(Key.SLOT, Key.GI, Key.UUID, Key.PROFILE), Key.FROM, Key.UNTIL, Key.CI, Key.TOTAL, Key.USED, Key.RESERVED),
    PROC(Key.DEVICE, List.of(Key.PID), Key.FROM, Key.UNTIL, Key.MEMORY, Key.LISTS, Key.ACCOUNTED, Key.GI, Key.CI,
            Key.CGROUP, Key.COMM, Key.START, Key.UID, Key.USER, Key.STATE),
    CONTAINER(null, List.of(Key.NAME, Key.ID), Key.FROM, Key.UNTIL, Key.RUNTIME, Key.IMAGE),
    FAULT(Key.DEVICE_OR_ALL, List.of(Key.CALL), Key.FROM, Key.UNTIL, Key.SLOT_OR_ALL, Key.CODE, Key.DELAY, Key.HANG),
    XID(Key.DEVICE, List.of(Key.CODE), Key.FROM, Key.UNTIL, Key.COUNT, Key.GI, Key.CI),
    /** How the stand-in for the library lays out memory. */
    LIBRARY(null, List.of());
    // spotless:on

    /** Before the keys of a container's labels. */
    static final String LABEL = "label.";

    final @Nullable Key<?> operand;
    final List<Key<?>> needed;
    private final List<Key<?>> others;

    Form(@Nullable Key<?> operand, List<Key<?>> needed, Key<?>... others) {
        this.operand = operand;
        this.needed = needed;
        this.others = List.of(others);
    }

    static Form of(Word first) {
        return Arrays.stream(values())
                .filter(form -> first.key() == null && form.keyword().equals(first.value()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "unknown keyword " + (first.key() == null ? first.value() : first.key())));
    }

    String keyword() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @param operands what a statement has without a key */
    void check(List<String> operands) {
        if (operand == null) {
            Words.require(operands.isEmpty(), keyword() + " takes keys only, not " + String.join(" ", operands));
        } else {
            Words.require(
                    operands.size() == 1, keyword() + " needs " + operand.name() + ", and nothing else without a key");
        }
    }

    Key<?> key(String name) {
        return named(name, Stream.concat(needed.stream(), others.stream()))
                .or(() -> oneOfMany(name))
                .orElseThrow(() -> new IllegalArgumentException("unknown key " + name + " of " + keyword()));
    }

    private Optional<? extends Key<?>> oneOfMany(String name) {
        return switch (this) {
            case DEVICE -> {
                Stream<Key<?>> details = Arrays.stream(GpuDetail.values()).map(detail -> Key.text(detail.label()));
                yield named(name, details).or(() -> SimulatedReading.of(name).map(SimulatedReading::key));
            }
            case PROC -> named(name, Arrays.stream(Engine.values()).map(Key::percent));
            case CONTAINER -> Optional.of(Key.text(name)).filter(label -> name.startsWith(LABEL));
            case LIBRARY -> Optional.of(Key.text(name));
            default -> Optional.empty();
        };
    }

    private static Optional<Key<?>> named(String name, Stream<? extends Key<?>> keys) {
        return keys.<Key<?>>map(key -> key)
                .filter(key -> key.name().equals(name))
                .findFirst();
    }
}
