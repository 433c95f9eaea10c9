package io.gpuagent.workload;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whom a process works for. */
public sealed interface Workload {

    /** The workload's kind as the label {@code kind} has it. */
    String kind();

    /**
     * A container of a container engine; also an nspawn machine, a Nomad task, a Garden or an ECS container.
     *
     * @param runtime {@code docker}, {@code containerd}, {@code cri-o}, {@code podman} …; null where the path cannot tell
     * @param id the full id: 64 hex digits for most runtimes
     * @param podUid the enclosing pod's UID in its dashed form, or 32 hex digits of a static pod; null outside a pod
     * @param qos {@code guaranteed}, {@code burstable} or {@code besteffort}; null outside a pod or where unknown
     */
    record Container(
            @Nullable String runtime,
            String id,
            @Nullable String podUid,
            @Nullable String qos) implements Workload {

        private static final Set<String> NAMED_BY_ID = Set.of("nspawn", "nomad", "garden");

        /** Whether the id is all that there is to call the container by: its runtime gives no other name. */
        public boolean isNamedByItsId() {
            return runtime != null && NAMED_BY_ID.contains(runtime);
        }

        @Override
        public String kind() {
            return "container";
        }
    }

    /** A process in a pod, but in none of its containers. */
    record Pod(String uid, @Nullable String qos) implements Workload {

        /** What a {@link ContainerDirectory} is asked for in the pod's stead: a container of which no more is known than its pod. */
        public Container sandbox() {
            return new Container(null, uid, uid, qos);
        }

        @Override
        public String kind() {
            return "pod";
        }
    }

    /**
     * A systemd unit.
     *
     * @param name the unit's name, such as {@code ollama.service}
     * @param userId the N of the enclosing {@code user-N.slice}; null for a system unit
     */
    record Unit(String name, @Nullable String userId) implements Workload {

        /** A user's login, or what started it: {@code session-N.scope}. */
        public boolean isSession() {
            return name.startsWith("session-") && name.endsWith(".scope");
        }

        @Override
        public String kind() {
            return "unit";
        }
    }

    /** A batch job: the id of a Slurm job, or the slot that an HTCondor job runs in. */
    record Job(String id) implements Workload {
        @Override
        public String kind() {
            return "job";
        }
    }

    /** An LXC, LXD or Incus guest. */
    record Lxc(String name) implements Workload {
        @Override
        public String kind() {
            return "lxc";
        }
    }

    /**
     * A lone process of the host, by the name it had at first sight; those of one name are one workload.
     *
     * @param comm never the command line, which may hold secrets
     */
    record HostProcess(String comm) implements Workload {
        @Override
        public String kind() {
            return "process";
        }
    }
}
