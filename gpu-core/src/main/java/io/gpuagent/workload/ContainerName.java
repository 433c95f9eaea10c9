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
 * A form in which a runtime names the cgroup of a container.
 *
 * @param runtime null where many runtimes use the form
 * @param place where in a path the form counts
 * @param name of the whole cgroup name; its first group is the id
 * @param isEscaped whether the id is part of a unit's name, where systemd writes a dash as {@code \x2d}: systemd-escape(1)
 */
record ContainerName(@Nullable String runtime, Place place, Pattern name, boolean isEscaped) {

    private static final String NAMED = "(" + HEX_64 + ")(?:\\.scope)?";
    private static final String ID = "(" + HEX_64 + ")";
    private static final String NOMAD_TASK = "(" + UUID + "\\..+)";
    private static final String NOMAD_ALLOCATION = "(" + UUID + "(?:\\..+)?)";

    /** All forms; the first that matches tells, so a prefix of the name's own comes before its place and the bare id last. */
    static final List<ContainerName> ALL = List.of(
            hex64("docker", "docker-" + NAMED),
            hex64("containerd", "cri-containerd-" + NAMED),
            hex64("containerd", "nerdctl-" + NAMED),
            hex64("cri-o", "crio-" + NAMED),
            hex64("podman", "libpod-(?:payload-)?" + NAMED),
            hex64("docker", ".*:docker:" + ID),
            hex64("containerd", ".*:cri-containerd:" + ID),
            hex64("cri-o", ".*:crio:" + ID),
            hex64("podman", ".*:libpod:" + ID),
            hex64(null, "kata_" + ID),
            anywhere("lxc", "machine-lxc\\\\x2d[0-9]+\\\\x2d(.+)\\.scope").escaped(),
            anywhere("nspawn", "systemd-nspawn@(.+)\\.service").escaped(),
            below("nspawn", "machine-(?!qemu)(.+)\\.scope", "machine.slice").escaped(),
            anywhere("lxc", "lxc\\.payload\\.(.+)"),
            below("nomad", NOMAD_TASK + "\\.scope", "nomad.slice"),
            below("nomad", NOMAD_TASK + "\\.scope", "nomad.slice", "share.slice"),
            below("nomad", NOMAD_TASK + "\\.scope", "nomad.slice", "reserve.slice"),
            below("nomad", NOMAD_ALLOCATION, "nomad"),
            below("nomad", NOMAD_ALLOCATION, "nomad", "share"),
            below("nomad", NOMAD_ALLOCATION, "nomad", "reserve"),
            below("lxc", "(?!lxc\\.monitor\\.)(.+)", "lxc"),
            below("lxc", "(.+)", "lxc.payload"),
            below("docker", "([0-9a-z]{25})", "docker", "buildkit"),
            below("docker", NAMED, "docker"),
            below("containerd", ID, "containerd"),
            below("podman", ID, "libpod"),
            below("garden", "([0-9a-f]{8}(?:-[0-9a-f]{4}){4}|" + UUID + ")", "garden"),
            below(null, "(" + UUID + ")", "mesos"),
            at(null, Spot::isDirectlyBelowPod, "(" + UUID + ")"),
            at("ecs", Spot::belowEcs, "(" + HEX_64 + "|" + HEX_32 + "-[0-9]+)"),
            hex64(null, NAMED));

    /** Where in a path a form counts. */
    @FunctionalInterface
    interface Place {
        boolean holds(Spot spot);
    }

    /** A name in a path, and whether an {@code ecs} is above it. */
    record Spot(KernelPath path, int index, boolean belowEcs) {

        String name() {
            return path.name(index);
        }

        boolean isDirectlyBelow(List<String> above) {
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

    /** The form counts everywhere, and holds 64 digits: a name that cannot is not searched for them. */
    private static ContainerName hex64(@Nullable String runtime, String name) {
        return at(runtime, spot -> spot.name().length() >= 64, name);
    }

    private static ContainerName anywhere(@Nullable String runtime, String name) {
        return at(runtime, spot -> true, name);
    }

    /** The form counts directly below these names, which need not start at the root. */
    private static ContainerName below(@Nullable String runtime, String name, String... above) {
        List<String> names = List.of(above);
        return at(runtime, spot -> spot.isDirectlyBelow(names), name);
    }

    /** A cgroup's name may hold what ends a line elsewhere, so a dot matches every character. */
    private static ContainerName at(@Nullable String runtime, Place place, String name) {
        return new ContainerName(runtime, place, Pattern.compile(name, Pattern.DOTALL), false);
    }

    private ContainerName escaped() {
        return new ContainerName(runtime, place, name, true);
    }

    /** The id in the name at the spot, if the name has this form. */
    Optional<String> id(Spot spot) {
        if (!place.holds(spot)) {
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
