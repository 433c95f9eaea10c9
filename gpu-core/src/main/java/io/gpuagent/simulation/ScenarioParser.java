package io.gpuagent.simulation;

import io.gpuagent.device.DeviceMetric;
import io.gpuagent.device.Engine;
import io.gpuagent.device.GpuDetail;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.process.ProcessIdentity;
import io.gpuagent.simulation.Scenario.Span;
import io.gpuagent.workload.ContainerDetails;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the text of a scenario, statement by statement. */
final class ScenarioParser {

    private final List<Scenario.Driver> drivers = new ArrayList<>();
    private final List<Scenario.Device> devices = new ArrayList<>();
    private final List<Scenario.Instance> instances = new ArrayList<>();
    private final List<Scenario.Proc> procs = new ArrayList<>();
    private final List<Scenario.Container> containers = new ArrayList<>();
    private final List<Scenario.Fault> faults = new ArrayList<>();
    private final List<Scenario.Xid> xids = new ArrayList<>();
    private final Map<Integer, Integer> lineOfIndex = new LinkedHashMap<>();
    private @Nullable Duration cycle;

    private ScenarioParser() {}

    static Scenario parse(String text) throws ScenarioException {
        ScenarioParser parser = new ScenarioParser();
        int number = 0;
        for (String line : text.split("\n", -1)) {
            Optional<Statement> statement = Statement.parse(++number, line);
            if (statement.isPresent()) {
                parser.add(statement.get());
                statement.get().nothingElse();
            }
        }
        parser.checkDevices();
        return new Scenario(
                parser.cycle,
                parser.drivers,
                parser.devices,
                parser.instances,
                parser.procs,
                parser.containers,
                parser.faults,
                parser.xids);
    }

    private void add(Statement line) throws ScenarioException {
        switch (line.keyword()) {
            case "driver" -> drivers.add(driver(line));
            case "device" -> devices.add(device(line));
            case "instance" -> instances.add(migInstance(line));
            case "proc" -> procs.add(proc(line));
            case "container" -> containers.add(container(line));
            case "fault" -> faults.add(fault(line));
            case "xid" -> xids.add(xid(line));
            case "library" -> line.prefixed("");
            case "cycle" -> cycle = cycle(line);
            default -> throw line.error("unknown keyword " + line.keyword());
        }
    }

    private static Duration cycle(Statement line) throws ScenarioException {
        Duration duration = Quantity.duration(line, line.operand("a duration"));
        if (duration.isZero()) {
            throw line.error("a cycle of zero");
        }
        return duration;
    }

    private static Scenario.Driver driver(Statement line) throws ScenarioException {
        line.noOperand();
        Optional<String> code = line.text("code");
        return new Scenario.Driver(
                new Span(Duration.ZERO, null),
                line.text("version").orElse(null),
                code.isPresent() ? Quantity.integer(line, code.get()) : null);
    }

    private Scenario.Device device(Statement line) throws ScenarioException {
        return new Scenario.Device(
                span(line),
                index(line),
                line.text("uuid").orElse(null),
                line.text("name").orElse(null),
                line.text("bus").orElse(null),
                size(line, "mem_total"),
                size(line, "mem_used"),
                size(line, "mem_other"),
                size(line, "mem_reserved"),
                onOff(line, "mig"),
                onOff(line, "accounting"),
                energy(line),
                energyReset(line),
                readings(line),
                details(line));
    }

    private static Map<GpuDetail, String> details(Statement line) {
        Map<GpuDetail, String> details = new EnumMap<>(GpuDetail.class);
        for (GpuDetail detail : GpuDetail.values()) {
            line.text(detail.label()).ifPresent(text -> details.put(detail, text));
        }
        return details;
    }

    private static Map<SimulatedReading, Quantity> readings(Statement line) throws ScenarioException {
        Map<SimulatedReading, Quantity> readings = new LinkedHashMap<>();
        for (String key : line.keys()) {
            Optional<SimulatedReading> reading = SimulatedReading.of(key);
            if (reading.isPresent()) {
                readings.put(reading.get(), reading.get().read(line, line.required(key)));
            }
        }
        Boolean mig = onOff(line, "mig");
        if (mig != null) {
            double mode = mig ? 1 : 0;
            readings.put(
                    new SimulatedReading(DeviceMetric.MIG_MODE, List.of()), new Quantity(mode, mode, Duration.ZERO));
        }
        return readings;
    }

    private Scenario.Instance migInstance(Statement line) throws ScenarioException {
        return new Scenario.Instance(
                span(line),
                index(line),
                Quantity.integer(line, line.required("slot")),
                Quantity.integer(line, line.required("gi")),
                Quantity.integer(line, line.text("ci").orElse("0")),
                line.required("uuid"),
                line.required("profile"),
                size(line, "mem_total"),
                size(line, "mem_used"),
                size(line, "mem_reserved"));
    }

    private Scenario.Proc proc(Statement line) throws ScenarioException {
        int pid = Quantity.integer(line, line.required("pid"));
        return new Scenario.Proc(
                span(line),
                index(line),
                pid,
                sizeOrUnknown(line, "mem"),
                kinds(line),
                instance(line),
                percents(line),
                sizeOrUnknown(line, "accounted"),
                host(line, pid));
    }

    private static Map<Engine, Quantity> percents(Statement line) throws ScenarioException {
        Map<Engine, Quantity> percents = new EnumMap<>(Engine.class);
        for (Engine engine : Engine.values()) {
            Quantity percent = number(line, engine == Engine.SM ? "sm" : engine.key() + "_util");
            if (percent != null) {
                percents.put(engine, percent);
            }
        }
        return percents;
    }

    private static String instance(Statement line) throws ScenarioException {
        String gi = line.text("gi").orElse("");
        String ci = line.text("ci").orElse("");
        return gi.isEmpty() ? "" : Quantity.integer(line, gi) + ":" + Quantity.integer(line, ci);
    }

    private Scenario.Xid xid(Statement line) throws ScenarioException {
        int count = Quantity.integer(line, line.text("count").orElse("1"));
        return new Scenario.Xid(
                span(line), index(line), Quantity.integer(line, line.required("code")), count, instance(line));
    }

    private static Scenario.@Nullable HostProcess host(Statement line, int pid) throws ScenarioException {
        String comm = line.text("comm").orElse("proc-" + pid);
        String state = line.text("state").orElse("S");
        long start = Quantity.integer(line, line.text("start").orElse(Integer.toString(line.line())));
        int uid = Quantity.integer(line, line.text("uid").orElse("0"));
        String user = line.text("user").orElse(null);
        Optional<String> cgroup = line.text("cgroup");
        if (state.length() != 1) {
            throw line.error("a state is one letter, not " + state);
        }
        return cgroup.map(text -> text.startsWith("/") ? "0::" + text + "\n" : text)
                .map(text -> new Scenario.HostProcess(
                        new ProcessIdentity(pid, start), comm, state.charAt(0), text, uid, user))
                .orElse(null);
    }

    private static Set<GpuProcess.Kind> kinds(Statement line) throws ScenarioException {
        Set<GpuProcess.Kind> kinds = EnumSet.noneOf(GpuProcess.Kind.class);
        for (String letter : line.text("list").orElse("C").split("\\+")) {
            kinds.add(
                    switch (letter) {
                        case "C" -> GpuProcess.Kind.COMPUTE;
                        case "G" -> GpuProcess.Kind.GRAPHICS;
                        case "M" -> GpuProcess.Kind.MPS;
                        default -> throw line.error(letter + " is no list; there are C, G and M");
                    });
        }
        return kinds;
    }

    private static Scenario.Container container(Statement line) throws ScenarioException {
        line.noOperand();
        Map<String, String> labels = line.prefixed("label.");
        ContainerDetails details = new ContainerDetails(
                line.required("name"),
                line.text("runtime").orElse("docker"),
                line.text("image").orElse(""),
                labels,
                ContainerDetails.KubernetesNames.of(labels).orElse(null));
        return new Scenario.Container(span(line), line.required("id"), details);
    }

    private static Scenario.Fault fault(Statement line) throws ScenarioException {
        String device = line.operand("a device's index or *");
        String slot = line.text("slot").orElse("");
        Optional<String> code = line.text("code");
        Optional<String> delay = line.text("delay");
        boolean hang = Boolean.TRUE.equals(onOff(line, "hang"));
        if (code.isEmpty() && delay.isEmpty() && !hang) {
            throw line.error("fault needs one of the keys code, delay, hang");
        }
        return new Scenario.Fault(
                span(line),
                numberOrAll(line, device),
                slot.isEmpty() ? Scenario.NO_SLOT : numberOrAll(line, slot),
                line.required("call"),
                code.isPresent() ? Quantity.integer(line, code.get()) : null,
                delay.isPresent() ? Quantity.duration(line, delay.get()) : Duration.ZERO,
                hang);
    }

    private static int numberOrAll(Statement line, String text) throws ScenarioException {
        return text.equals("*") ? Scenario.ALL : Quantity.integer(line, text);
    }

    private static Span span(Statement line) throws ScenarioException {
        Duration from = Quantity.duration(line, line.text("from").orElse("0s"));
        Optional<String> until = line.text("until");
        return new Span(from, until.isPresent() ? Quantity.duration(line, until.get()) : null);
    }

    private int index(Statement line) throws ScenarioException {
        int index = Quantity.integer(line, line.operand("a device's index"));
        if (index < 0) {
            throw line.error("an index is not negative");
        }
        lineOfIndex.putIfAbsent(index, line.line());
        return index;
    }

    private static @Nullable Quantity size(Statement line, String key) throws ScenarioException {
        Optional<String> text = line.text(key);
        return text.isPresent() ? Quantity.size(line, text.get()) : null;
    }

    private static @Nullable Quantity sizeOrUnknown(Statement line, String key) throws ScenarioException {
        return line.text(key).orElse("unknown").equals("unknown") ? null : size(line, key);
    }

    private static @Nullable Quantity number(Statement line, String key) throws ScenarioException {
        Optional<String> text = line.text(key);
        return text.isPresent() ? Quantity.number(line, text.get()) : null;
    }

    private static @Nullable Double energy(Statement line) throws ScenarioException {
        Quantity energy = number(line, "energy");
        if (energy != null && !energy.period().isZero()) {
            throw line.error("energy does not move by itself; power moves it");
        }
        return energy == null ? null : Double.valueOf(energy.from());
    }

    private static @Nullable Duration energyReset(Statement line) throws ScenarioException {
        Optional<String> text = line.text("energy_reset");
        return text.isPresent() ? Quantity.duration(line, text.get()) : null;
    }

    private static @Nullable Boolean onOff(Statement line, String key) throws ScenarioException {
        String text = line.text(key).orElse("");
        return switch (text) {
            case "" -> null;
            case "on" -> true;
            case "off" -> false;
            default -> throw line.error(key + " is on or off, not " + text);
        };
    }

    /** A row of a device that does not exist would never be seen. */
    private void checkDevices() throws ScenarioException {
        for (Map.Entry<Integer, Integer> entry : lineOfIndex.entrySet()) {
            int index = entry.getKey();
            if (devices.stream().noneMatch(device -> device.index() == index && device.uuid() != null)) {
                throw new ScenarioException(entry.getValue(), "device " + index + " has no line with a uuid");
            }
        }
    }
}
