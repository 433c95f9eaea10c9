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
record Key<T>(String name, Function<String, @Nullable T> reader) {

    /** Any device, or any slot, in a fault. */
    static final int ALL = -1;

    /** The device itself, none of its MIG instances. */
    static final int NO_SLOT = -2;

    static final Key<Integer> DEVICE = new Key<>("a device's index", Key::index);
    static final Key<Integer> DEVICE_OR_ALL = new Key<>("a device's index or *", Key::indexOrAll);
    static final Key<Duration> LENGTH = new Key<>("a duration", Key::cycle);
    static final Key<Duration> FROM = new Key<>("from", Quantity::duration);
    static final Key<Duration> UNTIL = new Key<>("until", Quantity::duration);

    static final Key<String> VERSION = text("version");
    static final Key<Integer> CODE = whole("code");

    static final Key<String> UUID = text("uuid");
    static final Key<String> NAME = text("name");
    static final Key<String> BUS = text("bus");
    static final Key<Quantity> TOTAL = new Key<>("mem_total", Quantity::size);
    static final Key<Quantity> USED = new Key<>("mem_used", Quantity::size);
    static final Key<Quantity> OTHER = new Key<>("mem_other", Quantity::size);
    static final Key<Quantity> RESERVED = new Key<>("mem_reserved", Quantity::size);
    static final Key<Boolean> MIG = onOff("mig");
    static final Key<Boolean> ACCOUNTING = onOff("accounting");
    static final Key<Double> ENERGY = new Key<>("energy", Key::energy);
    static final Key<Duration> ENERGY_RESET = new Key<>("energy_reset", Quantity::duration);

    static final Key<Integer> SLOT = whole("slot");
    static final Key<Integer> GI = whole("gi");
    static final Key<Integer> CI = whole("ci");
    static final Key<String> PROFILE = text("profile");

    static final Key<Integer> PID = whole("pid");
    static final Key<Quantity> MEMORY = new Key<>("mem", Key::sizeOrUnknown);
    static final Key<Quantity> ACCOUNTED = new Key<>("accounted", Key::sizeOrUnknown);
    static final Key<Set<GpuProcess.Kind>> LISTS = new Key<>("list", Key::lists);
    static final Key<String> CGROUP = new Key<>("cgroup", text -> text.startsWith("/") ? "0::" + text + "\n" : text);
    static final Key<String> COMM = text("comm");
    static final Key<Integer> START = whole("start");
    static final Key<Integer> UID = whole("uid");
    static final Key<String> USER = text("user");
    static final Key<Character> STATE = new Key<>("state", Key::letter);

    static final Key<String> ID = text("id");
    static final Key<String> RUNTIME = text("runtime");
    static final Key<String> IMAGE = text("image");

    static final Key<String> CALL = text("call");
    static final Key<Integer> SLOT_OR_ALL = new Key<>("slot", Key::indexOrAll);
    static final Key<Duration> DELAY = new Key<>("delay", Quantity::duration);
    static final Key<Boolean> HANG = onOff("hang");

    static final Key<Integer> COUNT = whole("count");

    /** How busy a process keeps a part of its device, in percent. */
    static Key<Quantity> percent(Engine engine) {
        return new Key<>(engine == Engine.SM ? "sm" : engine.key() + "_util", Quantity::number);
    }

    /** A key whose value is any text. */
    static Key<String> text(String name) {
        return new Key<>(name, text -> text);
    }

    private static Key<Integer> whole(String name) {
        return new Key<>(name, Quantity::integer);
    }

    private static Key<Boolean> onOff(String name) {
        return new Key<>(name, text -> switch (text) {
            case "on" -> true;
            case "off" -> false;
            default -> throw new IllegalArgumentException(name + " is on or off, not " + text);
        });
    }

    private static int index(String text) {
        int index = Quantity.integer(text);
        Words.require(index >= 0, "an index is not negative");
        return index;
    }

    private static int indexOrAll(String text) {
        return text.equals("*") ? ALL : index(text);
    }

    private static Duration cycle(String text) {
        Duration cycle = Quantity.duration(text);
        Words.require(!cycle.isZero(), "a cycle of zero");
        return cycle;
    }

    private static double energy(String text) {
        Quantity energy = Quantity.number(text);
        Words.require(energy.period().isZero(), "energy does not move by itself; power moves it");
        return energy.from();
    }

    private static @Nullable Quantity sizeOrUnknown(String text) {
        return text.equals("unknown") ? null : Quantity.size(text);
    }

    private static char letter(String text) {
        Words.require(text.length() == 1, "a state is one letter, not " + text);
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
