package io.gpuagent.agent.http;

import com.sun.net.httpserver.HttpsConfigurator;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A web config file with what it names, read again when one of the files changes. A change that cannot be used is logged, and what was
 * there before stays. Whether there is TLS at all does not change while the server runs.
 */
public final class WebConfigFile implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(WebConfigFile.class.getName());

    private final Path file;
    private final Path directory;
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(AgentServer.daemons("web-config"));
    private volatile Loaded current;
    private String problem = "";

    /** @param times of the file and of those it names, as they were before they were read */
    private record Loaded(WebConfig config, @Nullable Tls tls, List<FileTime> times) {}

    private WebConfigFile(Path file) throws IOException {
        this.file = file;
        this.directory = Objects.requireNonNull(file.toAbsolutePath().getParent());
        this.current = load();
        watch.scheduleWithFixedDelay(this::refresh, 1, 1, TimeUnit.SECONDS);
    }

    /**
     * Reads and checks the file and what it names.
     *
     * @throws IOException if it cannot be used; the message names it and says why
     */
    public static WebConfigFile open(Path file) throws IOException {
        try {
            return new WebConfigFile(file);
        } catch (IOException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    WebConfig config() {
        return current.config();
    }

    /** Empty for a server without TLS. */
    Optional<HttpsConfigurator> tls() {
        return current.tls() == null
                ? Optional.empty()
                : Optional.of(Tls.renewed(() -> Objects.requireNonNull(current.tls())));
    }

    /** What could not be used is tried again without a change: a file that it names may come later. */
    private void refresh() {
        if (problem.isEmpty() && times(current.config()).equals(current.times())) {
            return;
        }
        try {
            Loaded renewed = load();
            if ((renewed.tls() == null) != (current.tls() == null)) {
                throw new IOException("TLS is switched on or off by a new start only");
            }
            current = renewed;
            problem = "";
            LOG.log(Level.INFO, file + " was read again");
        } catch (IOException | RuntimeException e) {
            report(String.valueOf(e.getMessage()));
        }
    }

    private void report(String now) {
        if (!now.equals(problem)) {
            LOG.log(Level.ERROR, file + " has changed and cannot be used, what was there before stays: " + now);
        }
        problem = now;
    }

    private Loaded load() throws IOException {
        FileTime time = changed(file);
        WebConfig config = WebConfig.read(file).checked();
        List<FileTime> times = Stream.concat(Stream.of(time), named(config)).toList();
        TlsSection section = config.tlsServerConfig();
        return new Loaded(config, section == null ? null : section.read(directory), times);
    }

    private List<FileTime> times(WebConfig config) {
        return Stream.concat(Stream.of(changed(file)), named(config)).toList();
    }

    private Stream<FileTime> named(WebConfig config) {
        TlsSection section = config.tlsServerConfig();
        return section == null
                ? Stream.of()
                : section.files().map(directory::resolve).map(WebConfigFile::changed);
    }

    private static FileTime changed(Path path) {
        try {
            return Files.getLastModifiedTime(path);
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }
}
