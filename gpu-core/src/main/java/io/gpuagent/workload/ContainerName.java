package io.gpuagent.workload;

import static io.gpuagent.workload.IdPatterns.HEX_32;
import static io.gpuagent.workload.IdPatterns.HEX_64;
import static io.gpuagent.workload.IdPatterns.UUID;

import io.gpuagent.cgroup.KernelPath;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A pattern for the names that a runtime gives the cgroups of its containers.
 *
 * @param runtime null if several runtimes use the pattern
 * @param place where in a path the pattern applies
 * @param name matches the whole cgroup name; its first group is the id
 * @param isEscaped whether the id is part of a unit's name, where systemd writes a dash as {@code \x2d}:
 *     systemd-escape(1)
 */
record ContainerName(@Nullable ContainerRuntime runtime, Place place, Pattern name, boolean isEscaped) {

    private static final String NAMED = "(" + HEX_64 + ")(?:\\.scope)?";
    private static final String ID = "(" + HEX_64 + ")";
    private static final String NOMAD_TASK = "(" + UUID + "\\..+)";
    private static final String NOMAD_ALLOCATION = "(" + UUID + "(?:\\..+)?)";

    /** Above a bare id, Podman's own pod, which is no container: {@code DefaultCgroupParent} of libpod's pod. */
    private static final List<String> PODMAN_POD = List.of("libpod_parent");

    /**
     * All patterns. The first match wins: patterns with a runtime's prefix come before those that depend on the parent
     * cgroups; the bare id comes last.
     */
    static final List<ContainerName> ALL = List.of(
            hex64(ContainerRuntime.DOCKER, "docker-" + NAMED),
            hex64(ContainerRuntime.CONTAINERD, "cri-containerd-" + NAMED),
            hex64(ContainerRuntime.CONTAINERD, "nerdctl-" + NAMED),
            hex64(ContainerRuntime.CRI_O, "crio-" + NAMED),
            hex64(ContainerRuntime.PODMAN, "libpod-(?:payload-)?" + NAMED),
            hex64(ContainerRuntime.DOCKER, ".*:docker:" + ID),
            hex64(ContainerRuntime.CONTAINERD, ".*:cri-containerd:" + ID),
            hex64(ContainerRuntime.CRI_O, ".*:crio:" + ID),
            hex64(ContainerRuntime.PODMAN, ".*:libpod:" + ID),
            hex64(null, "kata_" + ID),
            anywhere(ContainerRuntime.LXC, "machine-lxc\\\\x2d[0-9]+\\\\x2d(.+)\\.scope")
                    .escaped(),
            anywhere(ContainerRuntime.NSPAWN, "systemd-nspawn@(.+)\\.service").escaped(),
            below(ContainerRuntime.NSPAWN, "machine-(?!qemu)(.+)\\.scope", "machine.slice")
                    .escaped(),
            anywhere(ContainerRuntime.LXC, "lxc\\.payload\\.(.+)"),
            below(ContainerRuntime.NOMAD, NOMAD_TASK + "\\.scope", "nomad.slice"),
            below(ContainerRuntime.NOMAD, NOMAD_TASK + "\\.scope", "nomad.slice", "share.slice"),
            below(ContainerRuntime.NOMAD, NOMAD_TASK + "\\.scope", "nomad.slice", "reserve.slice"),
            below(ContainerRuntime.NOMAD, NOMAD_ALLOCATION, "nomad"),
            below(ContainerRuntime.NOMAD, NOMAD_ALLOCATION, "nomad", "share"),
            below(ContainerRuntime.NOMAD, NOMAD_ALLOCATION, "nomad", "reserve"),
            below(ContainerRuntime.LXC, "(?!lxc\\.monitor\\.)(.+)", "lxc"),
            below(ContainerRuntime.LXC, "(.+)", "lxc.payload"),
            below(ContainerRuntime.DOCKER, "([0-9a-z]{25})", "docker", "buildkit"),
            below(ContainerRuntime.DOCKER, NAMED, "docker"),
            below(ContainerRuntime.CONTAINERD, ID, "containerd"),
            below(ContainerRuntime.PODMAN, ID, "libpod"),
            below(ContainerRuntime.GARDEN, "([0-9a-f]{8}(?:-[0-9a-f]{4}){4}|" + UUID + ")", "garden"),
            below(null, "(" + UUID + ")", "mesos"),
            at(null, Spot::isDirectlyBelowPod, "(" + UUID + ")"),
            at(ContainerRuntime.ECS, Spot::belowEcs, "(" + HEX_64 + "|" + HEX_32 + "-[0-9]+)"),
            at(null, spot -> spot.name().length() >= 64 && !spot.isDirectlyBelow(PODMAN_POD), NAMED));

    /** A condition on the position of a name in a path. */
    @FunctionalInterface
    interface Place {
        boolean accepts(Spot spot);
    }

    /**
     * The position of a name in a path.
     *
     * @param root the index of the first name below the container or job around this position. Names above it are not
     *     considered
     * @param belowEcs whether a cgroup {@code ecs} is among the names above
     */
    record Spot(KernelPath path, int root, int index, boolean belowEcs) {

        String name() {
            return path.name(index);
        }

        boolean isDirectlyBelow(List<String> above) {
            if (index - above.size() < root) {
                return false;
            }
            for (int i = 1; i <= above.size(); i++) {
                if (!path.name(index - i).equals(above.get(above.size() - i))) {
                    return false;
                }
            }
            return true;
        }

        boolean isDirectlyBelowPod() {
            return PodName.at(path, index - 1).isPresent();
        }
    }

    /** A pattern that applies anywhere and contains 64 digits. Shorter names skip the costly match. */
    private static ContainerName hex64(@Nullable ContainerRuntime runtime, String name) {
        return at(runtime, spot -> spot.name().length() >= 64, name);
    }

    private static ContainerName anywhere(@Nullable ContainerRuntime runtime, String name) {
        return at(runtime, spot -> true, name);
    }

    /** A pattern that applies directly below these names, at any depth. */
    private static ContainerName below(@Nullable ContainerRuntime runtime, String name, String... above) {
        List<String> names = List.of(above);
        return at(runtime, spot -> spot.isDirectlyBelow(names), name);
    }

    /** DOTALL, because a cgroup name may contain line terminators. */
    private static ContainerName at(@Nullable ContainerRuntime runtime, Place place, String name) {
        return new ContainerName(runtime, place, Pattern.compile(name, Pattern.DOTALL), false);
    }

    private ContainerName escaped() {
        return new ContainerName(runtime, place, name, true);
    }

    /** The id in the name at this position, if the pattern matches. */
    Optional<String> id(Spot spot) {
        if (!place.accepts(spot)) {
            return Optional.empty();
        }
        Matcher matcher = name.matcher(spot.name());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String id = matcher.group(1);
        return Optional.of(isEscaped ? id.replace("\\x2d", "-") : id);
    }
}
