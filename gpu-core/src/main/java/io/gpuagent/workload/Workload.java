package io.gpuagent.workload;

import org.jspecify.annotations.Nullable;

/** The innermost owner of a process. */
public sealed interface Workload {

    /** The value of the label {@code kind}. */
    String kind();

    /** The owner around this one; null for the outermost owner. */
    default @Nullable Workload outer() {
        return null;
    }

    /** An owner whose name a {@link ContainerDirectory} looks up. */
    sealed interface Named extends Workload {

        /** What identifies it: the full container id, the pod's UID, or the guest's id. */
        String id();

        /** Whether the id is also the name, so that a lookup is not needed. */
        default boolean isNamedByItsId() {
            return false;
        }
    }

    /**
     * A container of a container runtime; also an nspawn machine, a Nomad task, a Garden or an ECS container.
     *
     * @param runtime null if the path does not identify it
     * @param id the full id: 64 hex digits for most runtimes
     * @param podUid the enclosing pod's UID in its dashed form, or 32 hex digits of a static pod; null outside a pod
     * @param qos {@code guaranteed}, {@code burstable} or {@code besteffort}; null outside a pod or if unknown
     * @param path the container's cgroup. The id is a claim until a runtime's own record of the container has this
     *     path. Empty if the position of the cgroup is evidence enough
     */
    record Container(
            @Nullable ContainerRuntime runtime,
            String id,
            @Nullable String podUid,
            @Nullable String qos,
            @Nullable Workload outer,
            String path)
            implements Named {

        /** A container whose cgroup was created by the host's own runtime. */
        public Container(@Nullable ContainerRuntime runtime, String id, @Nullable String podUid, @Nullable String qos) {
            this(runtime, id, podUid, qos, null, "");
        }

        /** Whether nothing but a runtime's record can say that this cgroup is a container. */
        public boolean isGuess() {
            return outer == null && !path.isEmpty();
        }

        @Override
        public boolean isNamedByItsId() {
            return runtime != null && runtime.namesById();
        }

        @Override
        public String kind() {
            return "container";
        }
    }

    /** A pod, as the owner of a process that is in none of its containers. */
    record Pod(String uid, @Nullable String qos, @Nullable Workload outer) implements Named {

        /** A pod of the host's own kubelet. */
        public Pod(String uid, @Nullable String qos) {
            this(uid, qos, null);
        }

        @Override
        public String id() {
            return uid;
        }

        @Override
        public String kind() {
            return "pod";
        }
    }

    /** A user of the host: {@code user-N.slice}. Always the outermost owner, and never the innermost. */
    record User(String id) implements Workload {

        @Override
        public String kind() {
            return "user";
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

    /** A batch job: the id that its batch system gave it, or the slot that an HTCondor job runs in. */
    record Job(String id, @Nullable Workload outer) implements Workload {

        /** A job of the host's own batch system. */
        public Job(String id) {
            this(id, null);
        }

        @Override
        public String kind() {
            return "job";
        }
    }

    /** An LXC, LXD or Incus guest. */
    record Lxc(String name, @Nullable Workload outer) implements Named {

        /** A guest of the host itself. */
        public Lxc(String name) {
            this(name, null);
        }

        @Override
        public String id() {
            return name;
        }

        /** Proxmox VE numbers its guests; other managers use names. */
        @Override
        public boolean isNamedByItsId() {
            return !name.matches("[0-9]+");
        }

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
