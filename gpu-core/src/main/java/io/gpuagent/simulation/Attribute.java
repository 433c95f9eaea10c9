package io.gpuagent.simulation;

import io.gpuagent.device.Engine;
import io.gpuagent.device.GpuProcess;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A key of a statement, or its operand. What each means is said in SCENARIO.md.
 *
 * @param name as it is written; of an operand, what it is
 * @param reader reads the value; gives null for one that says no more than nothing does, and throws an {@link IllegalArgumentException}
 *     with the reason why it cannot be read
 */
record Attribute<T>(String name, Function<String, @Nullable T> reader) {

    /** Any device, or any slot, in a fault. */
    static final int ALL = -1;

    /** The device itself, none of its MIG instances. */
    static final int NO_SLOT = -2;

    static final Attribute<Integer> DEVICE = new Attribute<>("a device's index", Attribute::index);
    static final Attribute<Integer> DEVICE_OR_ALL = new Attribute<>("a device's index or *", Attribute::indexOrAll);
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
    static final Attribute<String> CGROUP = new Attribute<>("cgroup", text -> text.startsWith("/") ? "0::" + text + "\n" : text);
    static final Attribute<String> COMM = text("comm");
    static final Attribute<Integer> START = whole("start");
    static final Attribute<Integer> UID = whole("uid");
    static final Attribute<String> USER = text("user");
    static final Attribute<Character> STATE = new Attribute<>("state", Attribute::letter);

    static final Attribute<String> ID = text("id");
    static final Attribute<String> RUNTIME = text("runtime");
    static final Attribute<String> IMAGE = text("image");

    static final Attribute<String> CALL = text("call");
    static final Attribute<Integer> SLOT_OR_ALL = new Attribute<>("slot", Attribute::indexOrAll);
    static final Attribute<Duration> DELAY = new Attribute<>("delay", Waveform::duration);
    static final Attribute<Boolean> HANG = onOff("hang");

    static final Attribute<Integer> COUNT = whole("count");

    /** How busy a process keeps a part of its device, in percent. */
    static Attribute<Waveform> percent(Engine engine) {
        return new Attribute<>(engine == Engine.SM ? "sm" : engine.key() + "_util", Waveform::number);
    }

    /** A key whose value is any text. */
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
            default -> throw new IllegalArgumentException(name + " is on or off, not " + text);
        });
    }

    private static int index(String text) {
        int index = Waveform.integer(text);
        Tokenizer.require(index >= 0, "an index is not negative");
        return index;
    }

    private static int indexOrAll(String text) {
        return text.equals("*") ? ALL : index(text);
    }

    private static Duration cycle(String text) {
        Duration cycle = Waveform.duration(text);
        Tokenizer.require(!cycle.isZero(), "a cycle of zero");
        return cycle;
    }

    private static double energy(String text) {
        Waveform energy = Waveform.number(text);
        Tokenizer.require(energy.period().isZero(), "energy does not move by itself; power moves it");
        return energy.from();
    }

    private static @Nullable Waveform sizeOrUnknown(String text) {
        return text.equals("unknown") ? null : Waveform.size(text);
    }

    private static char letter(String text) {
        Tokenizer.require(text.length() == 1, "a state is one letter, not " + text);
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
                        default -> throw new IllegalArgumentException(letter + " is no list; there are C, G and M");
                    });
        }
        return kinds;
    }
}
