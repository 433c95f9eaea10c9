package io.gpuagent.workload;

import io.gpuagent.workload.ContainerDetails.KubernetesNames;
import org.jspecify.annotations.Nullable;

/**
 * The labels with which a workload is shown. Components that do not apply are empty, never null. Workloads with equal
 * labels are shown as one.
 *
 * @param workload the name to show: {@code namespace/pod/container} for Kubernetes, {@code namespace/pod} for a pod,
 *     otherwise the runtime's container name, the unit, the job or the command name; the first 12 characters of the id
 *     until a container's name is known
 * @param container the container's name in Kubernetes, or otherwise in its runtime
 * @param containerId the full id
 */
public record WorkloadLabels(
        String kind, String workload, String namespace, String pod, String container, String containerId) {

    private static final int SHORT_ID = 12;

    /** The labels of a workload that is not a container, or whose container has no name yet. */
    public static WorkloadLabels of(Workload workload) {
        return of(workload, null);
    }

    /**
     * The labels of a workload.
     *
     * @param details the details of the container, or of a container in the pod; null if unknown
     */
    public static WorkloadLabels of(Workload workload, @Nullable ContainerDetails details) {
        if (workload instanceof Workload.Container container) {
            if (details != null) {
                return named(container, details);
            }
            String name = container.isNamedByItsId() ? container.id() : "";
            return plain(container.kind(), shortId(container.id()), name, container.id());
        }
        KubernetesNames names = details == null ? null : details.kubernetes();
        if (workload instanceof Workload.Pod pod && names != null) {
            String shown = names.namespace() + "/" + names.pod();
            return new WorkloadLabels(pod.kind(), shown, names.namespace(), names.pod(), "", "");
        }
        return plain(workload.kind(), name(workload), "", "");
    }

    /** Truncates a 64-digit id to the 12 characters that runtimes show. Other ids are returned unchanged. */
    public static String shortId(String id) {
        return id.length() == 64 ? id.substring(0, SHORT_ID) : id;
    }

    private static WorkloadLabels named(Workload.Container container, ContainerDetails details) {
        KubernetesNames names = details.kubernetes();
        if (names == null) {
            return plain(container.kind(), details.name(), details.name(), container.id());
        }
        String shown = names.namespace() + "/" + names.pod() + "/" + names.container();
        return new WorkloadLabels(
                container.kind(), shown, names.namespace(), names.pod(), names.container(), container.id());
    }

    private static WorkloadLabels plain(String kind, String workload, String container, String containerId) {
        return new WorkloadLabels(kind, workload, "", "", container, containerId);
    }

    private static String name(Workload workload) {
        if (workload instanceof Workload.Pod pod) {
            return pod.uid();
        }
        if (workload instanceof Workload.Unit unit) {
            return unitName(unit);
        }
        if (workload instanceof Workload.Job job) {
            return job.id();
        }
        if (workload instanceof Workload.Lxc lxc) {
            return lxc.name();
        }
        return ((Workload.HostProcess) workload).comm();
    }

    /** Session numbers are never reused, so all sessions of a user are one workload. */
    private static String unitName(Workload.Unit unit) {
        if (unit.userId() == null) {
            return unit.name();
        }
        return "user-" + unit.userId() + "/" + (unit.isSession() ? "session" : unit.name());
    }
}
