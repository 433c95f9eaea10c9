package io.gpuagent.agent.doctor;

import io.gpuagent.agent.doctor.Finding.Verdict;
import io.gpuagent.platform.DaemonThreads;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The command {@code doctor}: runs all checks in parallel, within a time limit, and prints their findings.
 *
 * @param json whether to print JSON instead of text
 * @param limit the time after which a check is reported as not answering
 */
public record DoctorCommand(boolean json, PrintStream out, Duration limit) {

    /** The time limit, counted from the start of the process. It keeps the whole run below 10 s. */
    public static final Duration LIMIT = Duration.ofSeconds(8);

    /** The exit status if the agent can attribute GPU use to workloads, even if some data is missing. */
    public static final int WORKS = 0;

    /** The exit status if the agent cannot attribute GPU use to workloads. */
    public static final int BROKEN = 1;

    /** Returns the exit status. */
    public int run(List<Check> checks) {
        try {
            DoctorReport report = new DoctorReport(findings(checks));
            out.print(json ? report.json() : report.text());
            out.flush();
            return report.verdict() == Verdict.BROKEN ? BROKEN : WORKS;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return BROKEN;
        }
    }

    private List<Finding> findings(List<Check> checks) throws InterruptedException {
        List<Finding> findings = new ArrayList<>();
        List<Callable<Void>> looks = checks.stream().map(DoctorCommand::look).toList();
        List<Future<Void>> ends = threads().invokeAll(looks, limit.toMillis(), TimeUnit.MILLISECONDS);
        for (int i = 0; i < checks.size(); i++) {
            findings.addAll(findings(checks.get(i), ends.get(i)));
        }
        return findings;
    }

    /** An unbounded pool of daemon threads: a thread that hangs does not keep the process alive. */
    static ExecutorService threads() {
        return Executors.newCachedThreadPool(DaemonThreads.named("doctor"));
    }

    private static Callable<Void> look(Check check) {
        return () -> {
            check.run();
            return null;
        };
    }

    private List<Finding> findings(Check check, Future<Void> look) throws InterruptedException {
        List<Finding> findings = new ArrayList<>(check.findings());
        try {
            if (!look.isCancelled()) {
                look.get();
            } else if (findings.isEmpty()) {
                findings.add(Finding.limited(
                        check.name(), "timed out", "find the process that hangs: ps -eo pid,state,comm | grep ' D '"));
            }
        } catch (ExecutionException e) {
            findings.add(Finding.limited(check.name(), "check failed: " + e.getCause(), "please report this line"));
        }
        return findings;
    }
}
