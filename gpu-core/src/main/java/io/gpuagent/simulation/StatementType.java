package io.gpuagent.simulation;

import io.gpuagent.device.Engine;
import io.gpuagent.device.GpuDetail;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The types of statements, with the operand and the required and optional attributes of each. */
enum StatementType {
    // spotless:off: a table
    CYCLE(Attribute.LENGTH, List.of()),
    DRIVER(null, List.of(), Attribute.VERSION, Attribute.CODE),
    DEVICE(Attribute.DEVICE, List.of(), Attribute.FROM, Attribute.UNTIL, Attribute.UUID, Attribute.NAME, Attribute.BUS, Attribute.TOTAL, Attribute.USED, Attribute.OTHER, Attribute.RESERVED,
            Attribute.MIG, Attribute.ACCOUNTING, Attribute.ENERGY, Attribute.ENERGY_RESET),
    INSTANCE(Attribute.DEVICE, List.of(Attribute.SLOT, Attribute.GI, Attribute.UUID, Attribute.PROFILE), Attribute.FROM, Attribute.UNTIL, Attribute.CI, Attribute.TOTAL, Attribute.USED, Attribute.RESERVED),
    PROC(Attribute.DEVICE, List.of(Attribute.PID), Attribute.FROM, Attribute.UNTIL, Attribute.MEMORY, Attribute.LISTS, Attribute.ACCOUNTED, Attribute.GI, Attribute.CI,
            Attribute.CGROUP, Attribute.COMM, Attribute.START, Attribute.UID, Attribute.USER, Attribute.STATE),
    CONTAINER(null, List.of(Attribute.NAME, Attribute.ID), Attribute.FROM, Attribute.UNTIL, Attribute.RUNTIME, Attribute.IMAGE),
    FAULT(Attribute.DEVICE_OR_ALL, List.of(Attribute.CAPABILITY), Attribute.FROM, Attribute.UNTIL, Attribute.CODE, Attribute.DELAY, Attribute.HANG),
    XID(Attribute.DEVICE, List.of(Attribute.CODE), Attribute.FROM, Attribute.UNTIL, Attribute.COUNT, Attribute.GI, Attribute.CI),
    /** Settings of the stand-in library; ignored by the simulated backend. */
    LIBRARY(null, List.of());
    // spotless:on

    /** The key prefix of a container's labels. */
    static final String LABEL = "label.";

    final @Nullable Attribute<?> operand;
    private final List<Attribute<?>> required;
    private final List<Attribute<?>> optional;

    StatementType(@Nullable Attribute<?> operand, List<Attribute<?>> required, Attribute<?>... optional) {
        this.operand = operand;
        this.required = required;
        this.optional = List.of(optional);
    }

    static StatementType of(Token first) {
        return Arrays.stream(values())
                .filter(type -> first.key() == null && type.keyword().equals(first.value()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "unknown keyword " + (first.key() == null ? first.value() : first.key())));
    }

    String keyword() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The attribute that a token sets; the operand if the token has no key. */
    Attribute<?> attribute(Token token) {
        String key = token.key();
        if (key == null) {
            return Optional.ofNullable(operand)
                    .orElseThrow(
                            () -> new IllegalArgumentException(keyword() + " takes keys only, not " + token.value()));
        }
        return named(key, Stream.concat(required.stream(), optional.stream()))
                .or(() -> openEnded(key))
                .orElseThrow(() -> new IllegalArgumentException("unknown key " + key + " of " + keyword()));
    }

    /**
     * Checks that a statement has all attributes that it needs.
     *
     * @param values the statement's values, by the names of its attributes
     */
    void check(Map<String, Object> values) {
        Set<String> names = values.keySet();
        if (operand != null) {
            Tokenizer.require(names.contains(operand.name()), keyword() + " needs " + operand.name());
        }
        required.forEach(attribute ->
                Tokenizer.require(names.contains(attribute.name()), keyword() + " needs the key " + attribute.name()));
        Tokenizer.require(
                this != FAULT || Stream.of("code", "delay", "hang").anyMatch(names::contains),
                "fault needs one of the keys code, delay, hang");
        Tokenizer.require(
                this != FAULT
                        || !Faults.ENUMERATION.equals(values.get(Attribute.CAPABILITY.name()))
                        || Objects.equals(values.get(Attribute.DEVICE_OR_ALL.name()), Attribute.ALL),
                "enumeration concerns all devices; use *");
    }

    private Optional<? extends Attribute<?>> openEnded(String name) {
        return switch (this) {
            case DEVICE -> {
                Stream<Attribute<?>> details =
                        Arrays.stream(GpuDetail.values()).map(detail -> Attribute.text(detail.label()));
                yield named(name, details).or(() -> SimulatedReading.of(name).map(SimulatedReading::attribute));
            }
            case PROC -> named(name, Arrays.stream(Engine.values()).map(Attribute::percent));
            case CONTAINER -> Optional.of(Attribute.text(name)).filter(label -> name.startsWith(LABEL));
            case LIBRARY -> Optional.of(Attribute.text(name));
            default -> Optional.empty();
        };
    }

    private static Optional<Attribute<?>> named(String name, Stream<? extends Attribute<?>> attributes) {
        return attributes
                .<Attribute<?>>map(attribute -> attribute)
                .filter(attribute -> attribute.name().equals(name))
                .findFirst();
    }
}
