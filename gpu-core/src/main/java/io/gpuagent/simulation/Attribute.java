package io.gpuagent.simulation;

import io.gpuagent.device.Engine;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.workload.ContainerRuntime;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An attribute of a statement, or the statement's operand (the word after the keyword). SCENARIO.md describes all of
 * them.
 *
 * @param name the attribute's key in the scenario file; for an operand, a description
 * @param parser parses the value. It returns null if the value has the same meaning as a missing attribute. It throws
 *     an {@link IllegalArgumentException} with the reason if the value is invalid
 */
record Attribute<T>(String name, Function<String, @Nullable T> parser) {

    /** Stands for all devices in a {@code fault} statement. */
    static final int ALL = -1;

    static final Attribute<Integer> DEVICE = new Attribute<>("a device's index", Attribute::index);
    static final Attribute<Integer> DEVICE_OR_ALL =
            new Attribute<>("a device's index or *", text -> text.equals("*") ? ALL : index(text));
    static final Attribute<Duration> LENGTH = new Attribute<>("a duration", Attribute::cycle);
    static final Attribute<Duration> FROM = new Attribute<>("from", Waveform::duration);
    static final Attribute<Duration> UNTIL = new Attribute<>("until", Waveform::duration);

    static final Attribute<String> VERSION = text("version");
    static final Attribute<Integer> CODE = whole("code");

    static final Attribute<String> UUID = text("uuid");
    static final Attribute<String> NAME = text("name");
    static final Attribute<String> BUS = text("bus");
    static final Attribute<Waveform> TOTAL = new Attribute<>("mem_total", Waveform::size);
    static final Attribute<Waveform> USED = new Attribute<>("mem_used", Waveform::size);
    static final Attribute<Waveform> OTHER = new Attribute<>("mem_other", Waveform::size);
    static final Attribute<Waveform> RESERVED = new Attribute<>("mem_reserved", Waveform::size);
    static final Attribute<Boolean> MIG = onOff("mig");
    static final Attribute<Boolean> ACCOUNTING = onOff("accounting");
    static final Attribute<Double> ENERGY = new Attribute<>("energy", Attribute::energy);
    static final Attribute<Duration> ENERGY_RESET = new Attribute<>("energy_reset", Waveform::duration);

    static final Attribute<Integer> SLOT = whole("slot");
    static final Attribute<Integer> GI = whole("gi");
    static final Attribute<Integer> CI = whole("ci");
    static final Attribute<String> PROFILE = text("profile");

    static final Attribute<Integer> PID = whole("pid");
    static final Attribute<Waveform> MEMORY = new Attribute<>("mem", Attribute::sizeOrUnknown);
    static final Attribute<Waveform> ACCOUNTED = new Attribute<>("accounted", Attribute::sizeOrUnknown);
    static final Attribute<Set<GpuProcess.Kind>> LISTS = new Attribute<>("list", Attribute::lists);
    static final Attribute<String> CGROUP =
            new Attribute<>("cgroup", text -> text.startsWith("/") ? "0::" + text + "\n" : text);
    static final Attribute<String> COMM = text("comm");
    static final Attribute<Integer> START = whole("start");
    static final Attribute<Integer> UID = whole("uid");
    static final Attribute<String> USER = text("user");
    static final Attribute<Character> STATE = new Attribute<>("state", Attribute::letter);

    static final Attribute<String> ID = text("id");
    static final Attribute<ContainerRuntime> RUNTIME = new Attribute<>("runtime", ContainerRuntime::of);
    static final Attribute<String> IMAGE = text("image");

    static final Attribute<String> CAPABILITY = new Attribute<>("of", Attribute::capability);
    static final Attribute<Duration> DELAY = new Attribute<>("delay", Waveform::duration);
    static final Attribute<Boolean> HANG = onOff("hang");

    static final Attribute<Integer> COUNT = whole("count");

    /** A process's utilization of an engine, in percent. */
    static Attribute<Waveform> percent(Engine engine) {
        return new Attribute<>(engine == Engine.SM ? "sm" : engine.key() + "_util", Waveform::number);
    }

    /** An attribute whose value is any text. */
    static Attribute<String> text(String name) {
        return new Attribute<>(name, text -> text);
    }

    private static Attribute<Integer> whole(String name) {
        return new Attribute<>(name, Waveform::integer);
    }

    private static Attribute<Boolean> onOff(String name) {
        return new Attribute<>(name, text -> switch (text) {
            case "on" -> true;
            case "off" -> false;
            default -> throw new IllegalArgumentException(name + " must be on or off, not " + text);
        });
    }

    private static int index(String text) {
        int index = Waveform.integer(text);
        Tokenizer.require(index >= 0, "an index must not be negative");
        return index;
    }

    private static Duration cycle(String text) {
        Duration cycle = Waveform.duration(text);
        Tokenizer.require(!cycle.isZero(), "a cycle must not be zero");
        return cycle;
    }

    private static double energy(String text) {
        Waveform energy = Waveform.number(text);
        Tokenizer.require(energy.period().isZero(), "energy must be one number; it increases by the device's power");
        return energy.from();
    }

    private static String capability(String text) {
        if (text.startsWith(Faults.READINGS)) {
            String key = text.substring(Faults.READINGS.length());
            return Faults.READINGS
                    + SimulatedReading.of(key)
                            .orElseThrow(() -> new IllegalArgumentException("unknown reading " + key))
                            .key();
        }
        Tokenizer.require(
                Faults.CAPABILITIES.contains(text),
                text + " is not a capability; use " + String.join(", ", Faults.CAPABILITIES) + " or readings/KEY");
        return text;
    }

    private static @Nullable Waveform sizeOrUnknown(String text) {
        return text.equals("unknown") ? null : Waveform.size(text);
    }

    private static char letter(String text) {
        Tokenizer.require(text.length() == 1, "a state must be one letter, not " + text);
        return text.charAt(0);
    }

    private static Set<GpuProcess.Kind> lists(String text) {
        Set<GpuProcess.Kind> kinds = EnumSet.noneOf(GpuProcess.Kind.class);
        for (String letter : text.split("\\+")) {
            kinds.add(
                    switch (letter) {
                        case "C" -> GpuProcess.Kind.COMPUTE;
                        case "G" -> GpuProcess.Kind.GRAPHICS;
                        case "M" -> GpuProcess.Kind.MPS;
                        default -> throw new IllegalArgumentException(letter + " is not a process list; use C, G or M");
                    });
        }
        return kinds;
    }
}
