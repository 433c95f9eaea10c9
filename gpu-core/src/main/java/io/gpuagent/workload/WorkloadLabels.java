package io.gpuagent.workload;

import io.gpuagent.workload.ContainerDetails.KubernetesNames;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The labels with which a workload is shown. Components that do not apply are empty, never null. Workloads with equal
 * labels are shown as one.
 *
 * @param workload the name to show: {@code namespace/pod/container} for Kubernetes, {@code namespace/pod} for a pod,
 *     otherwise the runtime's container name, the unit, the job or the command name; the first 12 characters of the id
 *     until a container's name is known. A workload that an outer owner may have named is shown below that owner's name
 * @param container the container's name in Kubernetes, or otherwise in its runtime
 * @param containerId the full id; empty if only the outer owner says so
 * @param user the login name, or the uid if there is none; empty in pods, guests and root's containers
 * @param batchJob the id of the batch job; a claim if the job is in a pod, container or guest
 */
public record WorkloadLabels(
        String kind,
        String workload,
        String namespace,
        String pod,
        String container,
        String containerId,
        String user,
        String batchJob) {

    private static final int SHORT_ID = 12;
    private static final WorkloadLabels NONE = new WorkloadLabels("", "", "", "", "", "");
    /** The name in the runtime of the container that holds a pod's namespaces. gVisor runs the pod's work in it. */
    private static final String SANDBOX = "POD";

    /** Creates the labels of a workload without a user and a batch job. */
    public WorkloadLabels(
            String kind, String workload, String namespace, String pod, String container, String containerId) {
        this(kind, workload, namespace, pod, container, containerId, "", "");
    }

    /**
     * The labels of a process's workload.
     *
     * @param comm the command name of the process
     * @param user the user of the process
     * @param names returns what is known about a container, a pod or a guest on the chain of owners; null if unknown
     */
    public static WorkloadLabels of(
            Workload workload, String comm, String user, Function<Workload.Named, @Nullable ContainerDetails> names) {
        WorkloadLabels labels = of(workload, names);
        if (labels.kind.isEmpty()) {
            labels = of(new Workload.HostProcess(comm), names);
        }
        // The uids in a container that root's runtime confirms are not the host's users.
        boolean confirmed = workload instanceof Workload.Container container
                && !container.path().isEmpty()
                && !labels.containerId.isEmpty();
        return labels.with(confirmed ? "" : user, job(workload));
    }

    /** Truncates a 64-digit id to the 12 characters that runtimes show. Other ids are returned unchanged. */
    public static String shortId(String id) {
        return id.length() == 64 ? id.substring(0, SHORT_ID) : id;
    }

    private static WorkloadLabels of(
            @Nullable Workload workload, Function<Workload.Named, @Nullable ContainerDetails> names) {
        if (workload == null) {
            return NONE;
        }
        ContainerDetails details = workload instanceof Workload.Named named ? names.apply(named) : null;
        WorkloadLabels outer = of(workload.outer(), names);
        if (workload instanceof Workload.Container container) {
            return container(container, details, outer);
        }
        KubernetesNames kubernetes = details == null ? null : details.kubernetes();
        if (workload instanceof Workload.Pod pod
                && kubernetes != null
                && pod.uid().equals(kubernetes.podUid())) {
            return pod(kubernetes);
        }
        if (workload instanceof Workload.Unit unit) {
            return outer.inner(unit.kind(), UnitNames.shown(unit));
        }
        if (workload instanceof Workload.HostProcess process) {
            return outer.inner(process.kind(), process.comm());
        }
        if (workload instanceof Workload.User user) {
            return outer.inner(user.kind(), "user-" + user.id());
        }
        if (workload instanceof Workload.Job job) {
            return outer.inner(job.kind(), outer.namespace.isEmpty() ? outer.below(job.id()) : job.id());
        }
        String id = ((Workload.Named) workload).id();
        return outer.inner(workload.kind(), outer.below(details == null ? id : details.name()));
    }

    private static WorkloadLabels container(
            Workload.Container container, @Nullable ContainerDetails details, WorkloadLabels outer) {
        boolean ofUser = container.outer() instanceof Workload.User;
        KubernetesNames names = details == null ? null : details.kubernetes();
        if (names != null
                && container.outer() == null
                && names.podUid() != null
                && names.podUid().equals(container.podUid())) {
            return names.container().equals(SANDBOX)
                    ? pod(names)
                    : new WorkloadLabels(
                            container.kind(),
                            names.namespace() + "/" + names.pod() + "/" + names.container(),
                            names.namespace(),
                            names.pod(),
                            names.container(),
                            container.id());
        }
        // Kubernetes names that do not belong to the pod in the path are not repeated as a container name.
        if (details != null && (names == null || !details.name().equals(names.runtimeName()))) {
            String name = details.name();
            return new WorkloadLabels(
                    container.kind(),
                    ofUser ? outer.below(name) : name,
                    outer.namespace,
                    outer.pod,
                    name,
                    container.id());
        }
        if (container.outer() != null) {
            return outer.inner(container.kind(), outer.below(shortId(container.id())));
        }
        if (container.isGuess()) {
            return NONE; // no runtime knows it: a cgroup that somebody else made
        }
        String name = container.isNamedByItsId() ? container.id() : "";
        return new WorkloadLabels(container.kind(), shortId(container.id()), "", "", name, container.id());
    }

    private static WorkloadLabels pod(KubernetesNames names) {
        String shown = names.namespace() + "/" + names.pod();
        return new WorkloadLabels("pod", shown, names.namespace(), names.pod(), "", "");
    }

    /** The labels of a workload in this one, which keeps the names of its owners. */
    private WorkloadLabels inner(String innerKind, String name) {
        return new WorkloadLabels(innerKind, name, namespace, pod, container, "");
    }

    /** The name of a workload in this one. Of a container in a pod the pod is shown. */
    private String below(String name) {
        String prefix = namespace.isEmpty() ? workload : namespace + "/" + pod;
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private WorkloadLabels with(String newUser, String newJob) {
        return new WorkloadLabels(kind, workload, namespace, pod, container, containerId, newUser, newJob);
    }

    /** The outermost job: only this one can be the host's. */
    private static String job(Workload workload) {
        String job = "";
        for (Workload owner = workload; owner != null; owner = owner.outer()) {
            job = owner instanceof Workload.Job found ? found.id() : job;
        }
        return job;
    }
}
