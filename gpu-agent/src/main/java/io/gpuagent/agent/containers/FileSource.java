package io.gpuagent.agent.containers;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.gpuagent.agent.containers.BundleDirectories.Origin;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.ContainerRuntime;
import io.gpuagent.workload.Workload;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Container names from files of container runtimes. A lookup takes a fraction of a millisecond, but has a deadline because a directory
 * may be on a file system that hangs.
 */
final class FileSource implements ContainerSource {

    private static final Duration DEADLINE = Duration.ofSeconds(2);

    /** Short, because changes of a file are not reported and reading it again is cheap. */
    private static final Duration RECHECK = Duration.ofSeconds(15);

    /** The ids that containerd allows (pkg/identifiers), so that an id cannot be a path. */
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*");

    private final ContainerFiles files;
    private final BundleDirectories directories;
    private final BoundedCalls calls;

    FileSource(ContainerFiles files, BundleDirectories directories) {
        this.files = files;
        this.directories = directories;
        this.calls = new BoundedCalls(name(), DEADLINE);
    }

    @Override
    public String name() {
        return directories.origin() == Origin.USERS ? "rootless-" + files.name() : files.name();
    }

    @Override
    public Duration recheck() {
        return RECHECK;
    }

    @Override
    public Optional<ContainerDetails> lookup(Workload.Named owner) throws LookupFailedException, InterruptedException {
        ContainerRuntime runtime = runtime(owner);
        if (!ID.matcher(owner.id()).matches()
                || isOfUser(owner) != (directories.origin() == Origin.USERS)
                || runtime != null && !files.runtimes().contains(runtime)) {
            return Optional.empty();
        }
        return bounded(() -> find(owner, runtime));
    }

    private static @Nullable ContainerRuntime runtime(Workload.Named owner) {
        if (owner instanceof Workload.Lxc) {
            return ContainerRuntime.LXC;
        }
        return owner instanceof Workload.Container container ? container.runtime() : null;
    }

    /** Whether the owner is below a {@code user-N.slice}, where only that user's files name it. */
    private static boolean isOfUser(Workload.Named owner) {
        return owner.outer() instanceof Workload.User;
    }

    private Optional<ContainerDetails> find(Workload.Named owner, @Nullable ContainerRuntime runtime)
            throws IOException, LookupFailedException {
        List<Path> present =
                owner.outer() instanceof Workload.User user ? directories.of(user.id()) : directories.present();
        @Nullable LookupFailedException failure = present.isEmpty() && isMissed(runtime) ? absent() : null;
        for (Path directory : present) {
            try {
                Optional<ContainerDetails> details = files.read(directory, owner);
                if (details.isPresent()) {
                    return details;
                }
            } catch (JsonProcessingException e) {
                // The file may be half written; the next lookup may succeed.
                failure = failure(
                        LookupOutcome.ERROR, false, directory + ": the entry of " + owner.id() + " is not JSON");
            } catch (IOException e) {
                boolean affectsSource = directories.origin() != Origin.USERS;
                failure = failure(LookupOutcome.ERROR, affectsSource, directory + ": " + reason(e));
            }
        }
        if (failure != null) {
            throw failure;
        }
        return Optional.empty();
    }

    /** Whether missing files are a failure: if they are configured, or a cgroup names their runtime. */
    private boolean isMissed(@Nullable ContainerRuntime runtime) {
        return directories.origin() == Origin.CONFIGURED || directories.origin() == Origin.HOST && runtime != null;
    }

    @Override
    public List<PlaceStatus> examine() throws InterruptedException {
        try {
            return bounded(() -> {
                List<PlaceStatus> reports = new ArrayList<>();
                for (Path directory : directories.present()) {
                    reports.add(PlaceStatus.of(directory.toString(), false, () -> count(directory)));
                }
                reports.removeIf(report -> report.state() == PlaceStatus.State.ABSENT);
                if (reports.isEmpty() && directories.origin() != Origin.USERS) {
                    reports.add(
                            PlaceStatus.of("files of " + runtimes(), directories.origin() == Origin.CONFIGURED, () -> {
                                throw absent();
                            }));
                }
                return reports;
            });
        } catch (LookupFailedException e) {
            return List.of(new PlaceStatus(name(), PlaceStatus.State.FAILS, String.valueOf(e.getMessage()), DEADLINE));
        }
    }

    private String count(Path directory) throws LookupFailedException {
        try {
            long count = files.count(directory);
            if (count == 0) {
                throw absent();
            }
            return count + (count == 1 ? " container" : " containers");
        } catch (IOException e) {
            throw failure(LookupOutcome.ERROR, true, reason(e));
        }
    }

    private LookupFailedException absent() {
        return failure(
                LookupOutcome.ABSENT,
                true,
                directories.origin() == Origin.CONFIGURED
                        ? "no files of " + runtimes() + " in the directories of --oci.bundles"
                        : "no files of " + runtimes() + " below " + directories.root()
                                + ": in a container, mount the host's root and set --path.rootfs");
    }

    private String runtimes() {
        return files.runtimes().stream().map(ContainerRuntime::label).sorted().collect(Collectors.joining(" or "));
    }

    private static String reason(IOException e) {
        return e instanceof AccessDeniedException
                ? "permission denied: run as root, or with the capability DAC_READ_SEARCH"
                : e.toString();
    }

    private <T> T bounded(Callable<T> read) throws LookupFailedException, InterruptedException {
        try {
            return calls.call(read);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof LookupFailedException failure
                    ? failure
                    : failure(LookupOutcome.ERROR, true, String.valueOf(e.getCause()));
        } catch (TimeoutException e) {
            throw failure(LookupOutcome.TIMEOUT, true, "the file system timed out");
        } catch (RejectedExecutionException e) {
            throw failure(LookupOutcome.REJECTED, true, "the file system has not answered earlier lookups");
        }
    }

    private static LookupFailedException failure(LookupOutcome outcome, boolean affectsSource, String message) {
        return new LookupFailedException(outcome, affectsSource, message, null);
    }

    @Override
    public void close() {
        calls.close();
    }
}
