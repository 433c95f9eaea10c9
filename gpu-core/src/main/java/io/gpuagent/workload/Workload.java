package io.gpuagent.workload;

import org.jspecify.annotations.Nullable;

/** The innermost owner of a process. */
public sealed interface Workload {

    /** The value of the label {@code kind}. */
    String kind();

    /** An owner whose name a {@link ContainerDirectory} looks up. */
    sealed interface Named extends Workload {

        /** What identifies it: the full container id, or the pod's UID. */
        String id();
    }

    /**
     * A container of a container runtime; also an nspawn machine, a Nomad task, a Garden or an ECS container.
     *
     * @param runtime null if the path does not identify it
     * @param id the full id: 64 hex digits for most runtimes
     * @param podUid the enclosing pod's UID in its dashed form, or 32 hex digits of a static pod; null outside a pod
     * @param qos {@code guaranteed}, {@code burstable} or {@code besteffort}; null outside a pod or if unknown
     */
    record Container(
            @Nullable ContainerRuntime runtime,
            String id,
            @Nullable String podUid,
            @Nullable String qos) implements Named {

        /** Whether the id is also the name, because the runtime assigns no other name. */
        public boolean isNamedByItsId() {
            return runtime != null && runtime.namesById();
        }

        @Override
        public String kind() {
            return "container";
        }
    }

    /** A pod, as the owner of a process that is in none of its containers. */
    record Pod(String uid, @Nullable String qos) implements Named {

        @Override
        public String id() {
            return uid;
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

        /** Whether this is a login session: {@code session-N.scope}. */
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
     * A host process without another owner, identified by its command name when it was first seen. Processes with the
     * same name are one workload.
     *
     * @param comm the command name; never the command line, which may contain secrets
     */
    record HostProcess(String comm) implements Workload {
        @Override
        public String kind() {
            return "process";
        }
    }
}
