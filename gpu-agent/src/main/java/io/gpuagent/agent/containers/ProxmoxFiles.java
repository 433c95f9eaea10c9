package io.gpuagent.agent.containers;

import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the configuration of Proxmox VE's LXC guests, one file {@code ID.conf} per guest: pct.conf(5). */
final class ProxmoxFiles implements ContainerFiles {

    /** The directory of the files, relative to the host's root. */
    static final String DIRECTORY = "etc/pve/lxc";

    /** The first line of this form; sections of snapshots follow the current configuration. */
    private static final Pattern HOST_NAME = Pattern.compile("^hostname: *(\\S+)", Pattern.MULTILINE);

    @Override
    public String name() {
        return "proxmox";
    }

    @Override
    public Set<ContainerRuntime> runtimes() {
        return Set.of(ContainerRuntime.LXC);
    }

    @Override
    public Optional<ContainerDetails> read(Path directory, Workload.Named owner) throws IOException {
        if (!(owner instanceof Workload.Lxc guest) || guest.outer() != null) {
            return Optional.empty();
        }
        Matcher name = HOST_NAME.matcher(
                ContainerFiles.text(directory.resolve(guest.id() + ".conf")).orElse(""));
        return name.find()
                ? Optional.of(new ContainerDetails(name.group(1), ContainerRuntime.LXC, "", Map.of(), null))
                : Optional.empty();
    }

    @Override
    public long count(Path directory) throws IOException {
        return BundleDirectories.children(directory, "*.conf").size();
    }
}
