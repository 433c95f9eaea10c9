package io.gpuagent.agent.cli.doctor;

import io.gpuagent.agent.cli.doctor.Finding.Verdict;
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
 * The command {@code doctor}: looks at everything at once, for so long and no longer, and says what it has found.
 *
 * @param json whether for programs
 * @param limit after which what has not been seen is said not to answer
 */
public record DoctorCommand(boolean json, PrintStream out, Duration limit) {

    /** Since the process started; with its end it stays below 10 s. */
    public static final Duration LIMIT = Duration.ofSeconds(8);

    /** The exit status where the main job can work, be it with limits. */
    public static final int WELL = 0;

    /** The exit status where it cannot. */
    public static final int BROKEN = 1;

    /** Returns the exit status. */
    public int run(List<Check> checks) {
        try {
            DoctorReport report = new DoctorReport(findings(checks));
            out.print(json ? report.json() : report.text());
            out.flush();
            return report.verdict() == Verdict.BROKEN ? BROKEN : WELL;
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

    /** As many threads as are asked for. One that hangs is left behind, and does not keep the process alive. */
    static ExecutorService threads() {
        return Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "doctor");
            thread.setDaemon(true);
            return thread;
        });
    }

    private static Callable<Void> look(Check check) {
        return () -> {
            check.look();
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
                        check.name(), "no answer in time", "see what hangs: ps -eo pid,state,comm | grep ' D '"));
            }
        } catch (ExecutionException e) {
            findings.add(
                    Finding.limited(check.name(), "cannot be looked at: " + e.getCause(), "please report this line"));
        }
        return findings;
    }
}
