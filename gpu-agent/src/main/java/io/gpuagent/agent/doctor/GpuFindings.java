package io.gpuagent.agent.doctor;

import io.gpuagent.agent.doctor.Finding.Verdict;
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

/** Derives the findings about each GPU, and about the processes on them, from a snapshot. */
final class GpuFindings {

    /**
     * The fix if the driver denies a process list. In MIG mode, listing the processes of a whole board requires the MIG monitor capability
     * (NVIDIA's MIG User Guide, device nodes).
     */
    static final String MIG_MONITOR =
            "a board in MIG mode lists its processes only to root: run as root on the host, or in a container with"
                    + " NVIDIA_MIG_MONITOR_DEVICES=all and CAP_SYS_ADMIN";

    private GpuFindings() {}

    static List<Finding> of(Snapshot snapshot) {
        if (snapshot.gpus().isEmpty()) {
            return List.of(Finding.broken(
                    "gpus",
                    "the driver lists no GPU",
                    "in a container, set NVIDIA_VISIBLE_DEVICES=all or use CDI nvidia.com/gpu=all; on a host, check whether a"
                            + " GPU is bound to another driver: lspci -k -d 10de:"));
        }
        // If only some GPUs cannot be read, the agent still works, with limits.
        boolean anyWorks = snapshot.gpus().stream().anyMatch(GpuFindings::works);
        List<Finding> findings = new ArrayList<>();
        snapshot.gpus().forEach(gpu -> findings.add(judge(gpu, anyWorks ? Verdict.LIMITED : Verdict.BROKEN)));
        if (anyWorks) {
            findings.add(processes(snapshot));
        }
        return findings;
    }

    private static boolean works(GpuUsage gpu) {
        return gpu.live()
                .filter(live -> live.sample().processes() instanceof ProcessList.Known)
                .isPresent();
    }

    static boolean allWork(Snapshot snapshot) {
        return snapshot.backend().up() && snapshot.gpus().stream().allMatch(GpuFindings::works);
    }

    /** Whether the driver denies access to the process list of at least one GPU. */
    static boolean refusesList(Snapshot snapshot) {
        return snapshot.gpus().stream()
                .flatMap(gpu -> gpu.live().stream())
                .anyMatch(live -> live.sample().processes() instanceof ProcessList.Unreadable unreadable
                        && refused(unreadable.fault()));
    }

    private static boolean refused(CallFault fault) {
        return fault.code().equals("NO_PERMISSION");
    }

    private static Finding judge(GpuUsage gpu, Verdict worst) {
        int index = gpu.identity().index();
        String check = "gpu " + index;
        String device = Stream.of(gpu.identity().model(), gpu.identity().uuid())
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining(" ", "", ": "));
        String reset = "look for an Xid error in dmesg; reset with nvidia-smi --gpu-reset -i " + index + ", or reboot";
        if (gpu.state() instanceof GpuState.Live live) {
            return judge(check, device, live.sample(), worst);
        }
        if (gpu.state() instanceof GpuState.Stalled stalled) {
            return new Finding(check, worst, device + stalled.function() + " does not return", reset);
        }
        if (gpu.state() instanceof GpuState.Lost lost) {
            String fix = refused(lost.fault()) ? "see devices" : reset;
            return new Finding(check, worst, device + lost.fault(), fix);
        }
        return new Finding(check, worst, device + "no answer to the first call", reset);
    }

    private static Finding judge(String check, String device, GpuSample sample, Verdict worst) {
        if (sample.processes() instanceof ProcessList.Unreadable unreadable) {
            String fix = refused(unreadable.fault())
                    ? MIG_MONITOR
                    : "check whether nvidia-smi lists them; a newer driver may";
            return new Finding(check, worst, device + "no process list: " + unreadable.fault(), fix);
        }
        int count = ((ProcessList.Known) sample.processes()).processes().size();
        int parts = sample.instances().size();
        String processes = count
                + (count == 1 ? " process" : " processes")
                + (parts == 0 ? "" : " on " + parts + (parts == 1 ? " MIG instance" : " MIG instances"));
        if (sample.memory() == null) {
            return Finding.limited(
                    check,
                    device + processes + "; no memory figures",
                    "none if GPU and CPU share memory; otherwise a newer driver may report them");
        }
        String text = device + processes + ", memory " + sample.memory().api().label();
        String lost = Stream.concat(
                        sample.faults().stream().map(CallFault::toString),
                        sample.rejections().stream().map(reason -> "a value is " + reason))
                .distinct()
                .collect(Collectors.joining(", "));
        return lost.isEmpty()
                ? Finding.ok(check, text)
                : Finding.limited(check, text + "; unavailable: " + lost, "a newer driver may report it");
    }

    private static Finding processes(Snapshot snapshot) {
        long listed = snapshot.gpus().stream()
                .flatMap(gpu -> gpu.live().stream())
                .flatMap(live -> live.sample().processes() instanceof ProcessList.Known known
                        ? known.processes().stream()
                        : Stream.of())
                .map(GpuProcess::pid)
                .distinct()
                .count();
        int lost =
                snapshot.unresolved().values().stream().mapToInt(count -> count).sum();
        String found = Math.max(0, listed - lost) + " of " + listed + " GPU processes resolved to a workload";
        if (lost == 0) {
            return Finding.ok("processes", listed == 0 ? "none on any GPU" : found);
        }
        Reason reason = snapshot.unresolved().entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
        String fix = reason == Reason.EXITED
                ? "none if they were short-lived; otherwise check that --path.procfs is the /proc of the kernel they run on"
                : "see proc";
        return Finding.limited("processes", found + "; the others: " + reason.text(), fix);
    }
}
