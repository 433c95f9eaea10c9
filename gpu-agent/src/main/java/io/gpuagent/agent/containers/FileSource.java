package io.gpuagent.agent.containers;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.gpuagent.agent.containers.BundleDirectories.Whose;
import io.gpuagent.workload.ContainerDetails;
import io.gpuagent.workload.Workload;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Container names from the files that runtimes keep: no socket, no client, a fraction of a millisecond. Every look has a deadline, for
 * a directory may lie on a file system that hangs.
 */
final class FileSource implements ContainerSource {

    private static final Duration DEADLINE = Duration.ofSeconds(2);

    /** A file that is changed tells nobody, and reading it again costs next to nothing. */
    private static final Duration RECHECK = Duration.ofSeconds(15);

    /** As containerd allows them (pkg/identifiers), so that an id is never a path. */
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
        return directories.whose() == Whose.USERS ? "rootless-" + files.name() : files.name();
    }

    @Override
    public Duration recheck() {
        return RECHECK;
    }

    @Override
    public Optional<ContainerDetails> lookup(Workload.Container container)
            throws LookupFailedException, InterruptedException {
        String runtime = container.runtime();
        if (!ID.matcher(container.id()).matches()
                || runtime != null && !files.runtimes().contains(runtime)) {
            return Optional.empty();
        }
        return bounded(() -> find(container.id(), runtime));
    }

    private Optional<ContainerDetails> find(String id, @Nullable String runtime)
            throws IOException, LookupFailedException {
        List<Path> present = directories.present();
        @Nullable LookupFailedException trouble = present.isEmpty() && isMissed(runtime) ? absent() : null;
        for (Path directory : present) {
            try {
                Optional<ContainerDetails> details = files.read(directory, id);
                if (details.isPresent()) {
                    return details;
                }
            } catch (JsonProcessingException e) {
                // Half written, perhaps: the next look may find it whole.
                trouble = failure(LookupOutcome.ERROR, false, directory + ": what is said of " + id + " is not JSON");
            } catch (IOException e) {
                boolean ofWholeSource = directories.whose() != Whose.USERS;
                trouble = failure(LookupOutcome.ERROR, ofWholeSource, directory + ": " + reason(e));
            }
        }
        if (trouble != null) {
            throw trouble;
        }
        return Optional.empty();
    }

    /** Whether it is trouble that there are no such files: of the well-known places the users' are looked at last. */
    private boolean isMissed(@Nullable String runtime) throws IOException {
        return switch (directories.whose()) {
            case NAMED -> true;
            case HOST -> false;
            case USERS ->
                runtime != null && directories.of(Whose.HOST).present().isEmpty();
        };
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
                if (reports.isEmpty() && directories.whose() != Whose.USERS) {
                    reports.add(PlaceStatus.of("files of " + runtimes(), directories.whose() == Whose.NAMED, () -> {
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
                directories.whose() == Whose.NAMED
                        ? "nothing of " + runtimes() + " in the directories of --oci.bundles"
                        : "no files of " + runtimes() + " below " + directories.root()
                                + ": in a container, mount the host's and name their root by --path.rootfs");
    }

    private String runtimes() {
        return String.join(" or ", new TreeSet<>(files.runtimes()));
    }

    private static String reason(IOException e) {
        return e instanceof AccessDeniedException
                ? "permission denied: run as root, or with the capability DAC_READ_SEARCH"
                : e.toString();
    }

    private <T> T bounded(Callable<T> look) throws LookupFailedException, InterruptedException {
        try {
            return calls.call(look);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof LookupFailedException failure
                    ? failure
                    : failure(LookupOutcome.ERROR, true, String.valueOf(e.getCause()));
        } catch (TimeoutException e) {
            throw failure(LookupOutcome.TIMEOUT, true, "the file system does not answer in time");
        } catch (RejectedExecutionException e) {
            throw failure(LookupOutcome.REJECTED, true, "the file system has not answered earlier looks");
        }
    }

    private static LookupFailedException failure(LookupOutcome outcome, boolean ofWholeSource, String message) {
        return new LookupFailedException(outcome, ofWholeSource, message, null);
    }

    @Override
    public void close() {
        calls.close();
    }
}
