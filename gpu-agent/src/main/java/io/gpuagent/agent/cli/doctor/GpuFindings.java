package io.gpuagent.agent.cli.doctor;

import io.gpuagent.agent.cli.doctor.Finding.Verdict;
import io.gpuagent.device.CallFault;
import io.gpuagent.device.GpuProcess;
import io.gpuagent.device.GpuSample;
import io.gpuagent.device.ProcessList;
import io.gpuagent.usage.GpuState;
import io.gpuagent.usage.GpuUsage;
import io.gpuagent.usage.Snapshot;
import io.gpuagent.workload.Resolution.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a sample says of each GPU, and of the processes on them. */
final class GpuFindings {

    /** NVIDIA's MIG user guide, device nodes: with MIG on, the list of a whole board is for those with the monitor capability. */
    static final String MIG_MONITOR =
            "a board with MIG on lists its processes to root on the host alone, and in a container with"
                    + " NVIDIA_MIG_MONITOR_DEVICES=all and CAP_SYS_ADMIN";

    private GpuFindings() {}

    static List<Finding> of(Snapshot snapshot) {
        if (snapshot.gpus().isEmpty()) {
            return List.of(Finding.broken(
                    "gpus",
                    "the driver lists no GPU",
                    "in a container NVIDIA_VISIBLE_DEVICES=all, or CDI nvidia.com/gpu=all; on a host, is a GPU bound"
                            + " to another driver? lspci -k -d 10de:"));
        }
        // One GPU that cannot be read is a loss; if it is so with all of them, nothing is left.
        boolean anyWorks = snapshot.gpus().stream().anyMatch(GpuFindings::works);
        List<Finding> findings = new ArrayList<>();
        snapshot.gpus().forEach(gpu -> findings.add(judge(gpu, anyWorks ? Verdict.LIMITED : Verdict.BROKEN)));
        if (anyWorks) {
            findings.add(processes(snapshot));
        }
        return findings;
    }

    private static boolean works(GpuUsage gpu) {
        return gpu.state() instanceof GpuState.Live live && live.sample().processes() instanceof ProcessList.Known;
    }

    static boolean allWork(Snapshot snapshot) {
        return snapshot.backend().up() && snapshot.gpus().stream().allMatch(GpuFindings::works);
    }

    /** Whether a GPU refuses to list its processes to this process. */
    static boolean refusesList(Snapshot snapshot) {
        return snapshot.gpus().stream()
                .anyMatch(gpu -> gpu.state() instanceof GpuState.Live live
                        && live.sample().processes() instanceof ProcessList.Unreadable unreadable
                        && refused(unreadable.fault()));
    }

    private static boolean refused(CallFault fault) {
        return fault.code().equals("NO_PERMISSION");
    }

    private static Finding judge(GpuUsage gpu, Verdict worst) {
        int index = gpu.identity().index();
        String check = "gpu " + index;
        String who = Stream.of(gpu.identity().model(), gpu.identity().uuid())
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(" ", "", ": "));
        String reset = "see dmesg for an Xid error; nvidia-smi --gpu-reset -i " + index + ", or reboot";
        if (gpu.state() instanceof GpuState.Live live) {
            return judge(check, who, live.sample(), worst);
        }
        if (gpu.state() instanceof GpuState.Stalled stalled) {
            return new Finding(check, worst, who + stalled.function() + " does not return", reset);
        }
        if (gpu.state() instanceof GpuState.Lost lost) {
            String mend = refused(lost.fault()) ? "as said for devices" : reset;
            return new Finding(check, worst, who + lost.fault(), mend);
        }
        return new Finding(check, worst, who + "no answer to the first call", reset);
    }

    private static Finding judge(String check, String who, GpuSample sample, Verdict worst) {
        if (sample.processes() instanceof ProcessList.Unreadable unreadable) {
            String mend = refused(unreadable.fault()) ? MIG_MONITOR : "does nvidia-smi list them? A newer driver may";
            return new Finding(check, worst, who + "its processes are not told: " + unreadable.fault(), mend);
        }
        int count = ((ProcessList.Known) sample.processes()).processes().size();
        int parts = sample.instances().size();
        String processes = count
                + (count == 1 ? " process" : " processes")
                + (parts == 0 ? "" : " on " + parts + (parts == 1 ? " MIG instance" : " MIG instances"));
        if (sample.memory() == null) {
            return Finding.limited(
                    check,
                    who + processes + "; no memory figures of its own",
                    "nothing where GPU and CPU share their memory; elsewhere a newer driver may tell them");
        }
        String told = who + processes + ", memory " + sample.memory().api().label();
        String lost = Stream.concat(
                        sample.faults().stream().map(CallFault::toString),
                        sample.rejections().stream().map(reason -> "a value is " + reason))
                .distinct()
                .collect(Collectors.joining(", "));
        return lost.isEmpty()
                ? Finding.ok(check, told)
                : Finding.limited(check, told + "; not told: " + lost, "a newer driver may tell it");
    }

    private static Finding processes(Snapshot snapshot) {
        long listed = snapshot.gpus().stream()
                .filter(GpuFindings::works)
                .flatMap(gpu -> ((ProcessList.Known)
                                ((GpuState.Live) gpu.state()).sample().processes())
                        .processes().stream())
                .map(GpuProcess::pid)
                .distinct()
                .count();
        int lost =
                snapshot.unresolved().values().stream().mapToInt(count -> count).sum();
        String found = Math.max(0, listed - lost) + " of " + listed + " on GPUs have a workload";
        if (lost == 0) {
            return Finding.ok("processes", listed == 0 ? "none on any GPU now" : found);
        }
        Reason reason = snapshot.unresolved().entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
        String mend = reason == Reason.EXITED
                ? "nothing if they were short-lived; else, is --path.procfs the /proc of the kernel that they run on?"
                : "as said for proc";
        return Finding.limited("processes", found + "; the others: " + reason.text(), mend);
    }
}
