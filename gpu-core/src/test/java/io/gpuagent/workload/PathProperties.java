package io.gpuagent.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.cgroup.CgroupFile;
import io.gpuagent.cgroup.KernelPath;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What holds below any path: a container made there owns its processes, and what only resembles one does not. */
final class PathProperties {

    private static final String Z = "fedcba9876543210".repeat(4);
    private static final String U = "99999999-8888-7777-6666-555555555555";
    private static final String POD_SLICES =
            "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + U.replace('-', '_') + ".slice/";

    /** A path's end that makes a container anywhere, and of which runtime; the pod only where the end names it. */
    private record Form(@Nullable String runtime, String end, String id, Workload.@Nullable Pod pod) {
        static Form of(@Nullable String runtime, String end) {
            return new Form(runtime, end, Z, null);
        }
    }

    private static final List<Form> FORMS = List.of(
            Form.of("docker", "docker-" + Z + ".scope"),
            Form.of("docker", "docker-" + Z),
            Form.of("docker", "docker/" + Z),
            Form.of("docker", "x:docker:" + Z),
            Form.of("containerd", "cri-containerd-" + Z + ".scope"),
            Form.of("containerd", "x:cri-containerd:" + Z),
            Form.of("containerd", "containerd/" + Z),
            Form.of("containerd", "nerdctl-" + Z + ".scope"),
            Form.of("cri-o", "crio-" + Z + ".scope"),
            Form.of("podman", "libpod-" + Z + ".scope"),
            Form.of("podman", "libpod-payload-" + Z + ".scope"),
            Form.of("podman", "libpod/" + Z),
            Form.of(null, "kata_" + Z),
            new Form("garden", "garden/" + U, U, null),
            new Form(null, "mesos/" + U, U, null),
            new Form("nomad", "nomad.slice/share.slice/" + U + ".web.scope", U + ".web", null),
            new Form("nspawn", "machine.slice/machine-a\\x2db.scope", "a-b", null),
            new Form("containerd", POD_SLICES + "cri-containerd-" + Z + ".scope", Z, new Workload.Pod(U, "burstable")),
            new Form("cri-o", "kubepods/besteffort/pod" + U + "/crio-" + Z, Z, new Workload.Pod(U, "besteffort")),
            new Form("cri-o", "kubepods/pod" + U + "/crio-" + Z, Z, new Workload.Pod(U, "guaranteed")));

    /** What is found below containers and is none. */
    private static final List<String> BELOW =
            List.of("", "container", "init.scope", "system.slice/x.service", "kube-proxy", "zz");

    /** What watches a container or looks like one; some of it is a unit. */
    private static final List<String> NO_CONTAINERS = List.of(
            "libpod-conmon-" + Z + ".scope",
            "crio-conmon-" + Z + ".scope",
            "libpod_parent/conmon",
            "libpod-" + Z + ".scope/conmon",
            "crio-" + Z + "/conmon",
            "machine.slice/machine-qemu\\x2d1\\x2dvm.scope",
            "lxc.monitor.web",
            "lxc/lxc.monitor.web",
            "docker-" + Z + ".slice",
            "docker/" + Z + ".slice",
            "docker-" + Z + ".service",
            Z + ".mount",
            "docker-" + Z + "0.scope",
            "crio-" + Z.substring(1) + ".scope",
            "cri-containerd-" + Z.toUpperCase(Locale.ROOT) + ".scope",
            "x-docker-" + Z,
            "x:docker:" + Z + ".scope");

    /** Anyone can make these in a tree that was delegated to him; Slurm makes them below the root. */
    private static final List<String> JOBS = List.of(
            "system.slice/slurmstepd.scope/job_5",
            "slurm/uid_0/job_5/step_0",
            "system.slice/htcondor/condor_var_slot1_2@node");

    /** Whatever is below one of these is a guest. */
    private static final Set<String> GUESTS = Set.of("lxc", "lxc.payload");

    private final KernelPath path;
    private final Optional<Workload> answer;

    private PathProperties(KernelPath path) {
        this.path = path;
        this.answer = answer(path);
    }

    static void hold(String text) {
        KernelPath path = KernelPath.parse(text);
        assertEquals(path, KernelPath.parse(text.replace("/", "/./..//")), "with steps that say nothing");
        PathProperties properties = new PathProperties(path);
        for (int form = 0; form < FORMS.size(); form++) {
            // One of what may be below will do: another path meets another one.
            properties.innermostContainerOwnsWhatIsBelow(form, form + text.length());
        }
        if (!GUESTS.contains(path.name(path.depth() - 1))) {
            assertEquals(properties.answer, answer(properties.below("zz")), "in a child");
            NO_CONTAINERS.forEach(properties::nothingElseIsAContainer);
        }
        JOBS.forEach(properties::jobStartsAtTheRoot);
    }

    private void innermostContainerOwnsWhatIsBelow(int form, int below) {
        KernelPath inner = below(FORMS.get(form).end() + "/" + BELOW.get(below % BELOW.size()));
        Workload.Container container = (Workload.Container) answer(inner).orElseThrow();
        assertEquals(FORMS.get(form).runtime(), container.runtime(), inner::toString);
        assertEquals(FORMS.get(form).id(), container.id(), inner::toString);
        checkPod(FORMS.get(form), container);
    }

    /** The nearest pod encloses; where the path leads into a container already, it may be any above that. */
    private void checkPod(Form form, Workload.Container container) {
        if (form.pod() != null) {
            assertEquals(form.pod(), pod(container));
        } else if (answer.isEmpty()
                || !(answer.get() instanceof Workload.Container || answer.get() instanceof Workload.Lxc)) {
            assertEquals(answer.orElse(null) instanceof Workload.Pod pod ? pod : null, pod(container));
        }
    }

    private static Workload.@Nullable Pod pod(Workload.Container container) {
        return container.podUid() == null ? null : new Workload.Pod(container.podUid(), container.qos());
    }

    /** The answer is what it was above, unless it is a unit now. */
    private void nothingElseIsAContainer(String end) {
        Optional<Workload> found = answer(below(end));
        boolean mayBeUnit = answer.isEmpty() || answer.get() instanceof Workload.Unit;
        assertTrue(
                found.equals(answer) || mayBeUnit && found.orElse(null) instanceof Workload.Unit,
                () -> "below " + answer + " " + end + " is in " + found);
    }

    private void jobStartsAtTheRoot(String job) {
        Optional<Workload> found = answer(below(job));
        boolean isJob = found.orElse(null) instanceof Workload.Job;
        assertTrue(path.depth() == 0 ? isJob : !isJob || found.equals(answer), () -> job + " is in " + found);
    }

    private KernelPath below(String end) {
        KernelPath inner = KernelPath.parse(end);
        return new KernelPath(
                Stream.concat(path.names().stream(), inner.names().stream()).toList());
    }

    private static Optional<Workload> answer(KernelPath path) {
        return WorkloadRules.workload(new CgroupFile(List.of(new CgroupFile.Line("0", "", path))));
    }
}
