package io.gpuagent.agent;

import io.gpuagent.agent.cli.HostName;
import io.gpuagent.agent.cli.Invocation;
import io.gpuagent.agent.cli.Settings;
import io.gpuagent.agent.doctor.Check;
import io.gpuagent.agent.doctor.DoctorChecks;
import io.gpuagent.agent.doctor.DoctorCommand;
import io.gpuagent.agent.http.UsageJson;
import io.gpuagent.agent.log.Logging;
import io.gpuagent.agent.node.MonitoredNode;
import io.gpuagent.agent.ps.PsCommand;
import io.gpuagent.agent.report.ReportCommand;
import io.gpuagent.agent.serve.Serve;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The agent's entry point. */
public final class Main {

    private static final Map<String, String> ENVIRONMENT = System.getenv();

    private static final Duration BETWEEN_TWO_SAMPLES = Duration.ofMillis(250);

    private Main() {}

    /** Runs the command and exits with its status. */
    public static void main(String[] args) {
        Invocation invocation = Invocation.of(List.of(args), ENVIRONMENT, HostName::read);
        // halt() instead of exit(): neither a hung driver call nor a destructor of the driver's library may block the
        // exit.
        int status = run(invocation);
        System.out.flush();
        Runtime.getRuntime().halt(status);
    }

    private static int run(Invocation invocation) {
        if (invocation instanceof Invocation.PrintText answer) {
            System.out.print(answer.text());
            return 0;
        }
        if (invocation instanceof Invocation.RejectUsage refusal) {
            System.err.println(refusal.line());
            return Invocation.USAGE_ERROR;
        }
        try {
            if (invocation instanceof Invocation.RunPs ps) {
                return ps(ps);
            }
            if (invocation instanceof Invocation.RunReport report) {
                return new ReportCommand(
                                report.report(), quietly(report.settings().log(), report.warnings()), System.err)
                        .run();
            }
            return invocation instanceof Invocation.RunDoctor doctor
                    ? doctor(doctor)
                    : serve((Invocation.RunServe) invocation);
        } catch (MonitoredNode.InvalidSettingsException e) {
            System.err.println("gpu-agent: " + e.getMessage());
            return Invocation.USAGE_ERROR;
        }
    }

    private static int serve(Invocation.RunServe serve) throws MonitoredNode.InvalidSettingsException {
        Logging.configure(serve.settings().log(), System.err);
        return Serve.run(serve.settings(), serve.warnings(), ENVIRONMENT);
    }

    private static int ps(Invocation.RunPs ps) throws MonitoredNode.InvalidSettingsException {
        PrintStream out = quietly(ps.settings().log(), ps.warnings());
        MonitoredNode node = MonitoredNode.start(ps.settings(), BETWEEN_TWO_SAMPLES, ENVIRONMENT);
        return new PsCommand(ps.ps(), UsageJson::of, out, System.err, PsCommand.Timeouts.USUAL)
                .run(node.sampler()::current);
    }

    private static int doctor(Invocation.RunDoctor doctor) throws MonitoredNode.InvalidSettingsException {
        PrintStream out = quietly(doctor.settings().log(), doctor.warnings());
        List<Check> checks = DoctorChecks.checks(doctor.settings().source(), ENVIRONMENT);
        long passed = ManagementFactory.getRuntimeMXBean().getUptime();
        return new DoctorCommand(doctor.json(), out, DoctorCommand.LIMIT.minusMillis(passed)).run(checks);
    }

    /** Returns standard output in UTF-8. Also limits the log to errors, so that log lines do not mix with a table. */
    private static PrintStream quietly(Settings.Log log, List<String> warnings) {
        warnings.forEach(line -> System.err.println("gpu-agent: " + line));
        boolean quiet = log.level() != Settings.Level.DEBUG;
        Logging.configure(quiet ? new Settings.Log(Settings.Level.ERROR, log.format()) : log, System.err);
        return new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    }
}
