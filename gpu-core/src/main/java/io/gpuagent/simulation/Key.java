package io.gpuagent.simulation;

import io.gpuagent.device.Engine;
import io.gpuagent.device.GpuDetail;
import io.gpuagent.device.GpuProcess;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A key of a statement, or its operand, and how its value is read. What each means is said in SCENARIO.md. */
interface Key<T> {

    /** Any device, or any slot, in a fault. */
    int ALL = -1;

    /** The device itself, none of its MIG instances. */
    int NO_SLOT = -2;

    Key<Integer> DEVICE = new Named<>("a device's index", Key::index);
    Key<Integer> DEVICE_OR_ALL = new Named<>("a device's index or *", Key::indexOrAll);
    Key<Duration> LENGTH = new Named<>("a duration", Key::cycle);
    Key<Duration> FROM = new Named<>("from", Quantity::duration);
    Key<Duration> UNTIL = new Named<>("until", Quantity::duration);

    Key<String> VERSION = text("version");
    Key<Integer> CODE = whole("code");

    Key<String> UUID = text("uuid");
    Key<String> NAME = text("name");
    Key<String> BUS = text("bus");
    Key<Quantity> TOTAL = new Named<>("mem_total", Quantity::size);
    Key<Quantity> USED = new Named<>("mem_used", Quantity::size);
    Key<Quantity> OTHER = new Named<>("mem_other", Quantity::size);
    Key<Quantity> RESERVED = new Named<>("mem_reserved", Quantity::size);
    Key<Boolean> MIG = onOff("mig");
    Key<Boolean> ACCOUNTING = onOff("accounting");
    Key<Double> ENERGY = new Named<>("energy", Key::energy);
    Key<Duration> ENERGY_RESET = new Named<>("energy_reset", Quantity::duration);

    Key<Integer> SLOT = whole("slot");
    Key<Integer> GI = whole("gi");
    Key<Integer> CI = whole("ci");
    Key<String> PROFILE = text("profile");

    Key<Integer> PID = whole("pid");
    Key<Quantity> MEMORY = new Named<>("mem", Key::sizeOrUnknown);
    Key<Quantity> ACCOUNTED = new Named<>("accounted", Key::sizeOrUnknown);
    Key<Set<GpuProcess.Kind>> LISTS = new Named<>("list", Key::lists);
    Key<String> CGROUP = new Named<>("cgroup", text -> text.startsWith("/") ? "0::" + text + "\n" : text);
    Key<String> COMM = text("comm");
    Key<Integer> START = whole("start");
    Key<Integer> UID = whole("uid");
    Key<String> USER = text("user");
    Key<Character> STATE = new Named<>("state", Key::letter);

    Key<String> ID = text("id");
    Key<String> RUNTIME = text("runtime");
    Key<String> IMAGE = text("image");

    Key<String> CALL = text("call");
    Key<Integer> SLOT_OR_ALL = new Named<>("slot", Key::indexOrAll);
    Key<Duration> DELAY = new Named<>("delay", Quantity::duration);
    Key<Boolean> HANG = onOff("hang");

    Key<Integer> COUNT = whole("count");

    /** As it is written; of an operand, what it is. */
    String name();

    /**
     * The value; null if it says no more than nothing does.
     *
     * @throws IllegalArgumentException with the reason why the text cannot be read
     */
    @Nullable
    T read(String text);

    /** A key with nothing to it but its name. */
    record Named<T>(String name, Function<String, @Nullable T> reader) implements Key<T> {

        @Override
        public @Nullable T read(String text) {
            return reader.apply(text);
        }
    }

    /** A text that is constant of a device. */
    record Detail(GpuDetail detail) implements Key<String> {

        @Override
        public String name() {
            return detail.label();
        }

        @Override
        public String read(String text) {
            return text;
        }
    }

    /** A label of a container. */
    record Label(String name) implements Key<String> {

        static final String PREFIX = "label.";

        /** The label's own key. */
        String key() {
            return name.substring(PREFIX.length());
        }

        @Override
        public String read(String text) {
            return text;
        }
    }

    /** How busy a process keeps a part of its device, in percent. */
    record Percent(Engine engine) implements Key<Quantity> {

        @Override
        public String name() {
            return engine == Engine.SM ? "sm" : engine.key() + "_util";
        }

        @Override
        public Quantity read(String text) {
            return Quantity.number(text);
        }
    }

    private static Key<String> text(String name) {
        return new Named<>(name, text -> text);
    }

    private static Key<Integer> whole(String name) {
        return new Named<>(name, Quantity::integer);
    }

    private static Key<Boolean> onOff(String name) {
        return new Named<>(name, text -> switch (text) {
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
