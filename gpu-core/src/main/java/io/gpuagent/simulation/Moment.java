package io.gpuagent.simulation;

import io.gpuagent.device.CallFault;
import io.gpuagent.device.ReturnCode;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The state of a scenario at one instant. All values of a sample come from the same moment.
 *
 * @param time the time since the scenario's start
 */
record Moment(Scenario scenario, Duration time) {

    /** The active statements of a type. */
    List<Statement> active(StatementType type) {
        return active(scenario.all(type));
    }

    /** The active statements of a type about a device. */
    List<Statement> active(StatementType type, int device) {
        return active(scenario.all(type, device));
    }

    List<Statement> active(List<Statement> statements) {
        Duration inCycle = inCycle();
        return statements.stream()
                .filter(statement -> statement.isActive(inCycle))
                .toList();
    }

    /** The process with this pid, if it is in {@code /proc} at this moment. */
    Optional<Statement> process(int pid) {
        return active(scenario.processes().getOrDefault(pid, List.of())).stream()
                .filter(statement -> statement.get(Attribute.CGROUP) != null)
                .findFirst();
    }

    Optional<Statement> container(String id) {
        return active(scenario.containers().getOrDefault(id, List.of())).stream()
                .findFirst();
    }

    /** Why the driver cannot be initialized; empty if it can. */
    Optional<CallFault> driverFault() {
        return Optional.ofNullable(Statement.last(active(StatementType.DRIVER), Attribute.CODE))
                .filter(code -> code != ReturnCode.SUCCESS)
                .map(code -> new CallFault(StatementType.DRIVER.keyword(), ReturnCode.name(code)));
    }

    long bytes(@Nullable Waveform size) {
        return size == null ? 0 : (long) size.at(time);
    }

    /** The number of finished cycles. */
    long finishedCycles() {
        Duration cycle = scenario.cycle();
        return cycle == null ? 0 : time.toNanos() / cycle.toNanos();
    }

    /**
     * The next time at which a statement becomes active or inactive, or at which a new cycle starts; empty if there is
     * none.
     */
    Optional<Duration> nextChange(List<Statement> statements) {
        Duration inCycle = inCycle();
        return Stream.concat(
                        Stream.ofNullable(scenario.cycle()), statements.stream().flatMap(Statement::changes))
                .filter(change -> change.compareTo(inCycle) > 0)
                .min(Comparator.naturalOrder())
                .map(change -> time.minus(inCycle).plus(change));
    }

    private Duration inCycle() {
        Duration cycle = scenario.cycle();
        return cycle == null ? time : Duration.ofNanos(time.toNanos() % cycle.toNanos());
    }
}
