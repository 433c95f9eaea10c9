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
 * A web config file and the files that it refers to, reloaded when one of them changes. If the new content is invalid, that is logged
 * and the previous configuration stays in effect. TLS cannot be switched on or off while the server runs.
 */
public final class WebConfigFile implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(WebConfigFile.class.getName());

    private final Path file;
    private final Path directory;
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(AgentServer.daemons("web-config"));
    private volatile Loaded current;
    private String problem = "";

    /** @param times modification times of the file and of the files that it refers to, taken before they were read */
    private record Loaded(WebConfig config, @Nullable Tls tls, List<FileTime> times) {}

    private WebConfigFile(Path file) throws IOException {
        this.file = file;
        this.directory = Objects.requireNonNull(file.toAbsolutePath().getParent());
        this.current = load();
        watch.scheduleWithFixedDelay(this::refresh, 1, 1, TimeUnit.SECONDS);
    }

    /**
     * Reads and validates the file and the files that it refers to.
     *
     * @throws IOException if the file is invalid; the message names it and says why
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

    /** Reloads after a change. An invalid configuration is retried even without a change: a missing file may appear later. */
    private void refresh() {
        if (problem.isEmpty() && times(current.config()).equals(current.times())) {
            return;
        }
        try {
            Loaded renewed = load();
            if ((renewed.tls() == null) != (current.tls() == null)) {
                throw new IOException("switching TLS on or off requires a restart");
            }
            current = renewed;
            problem = "";
            LOG.log(Level.INFO, file + " was reloaded");
        } catch (IOException | RuntimeException e) {
            report(String.valueOf(e.getMessage()));
        }
    }

    private void report(String now) {
        if (!now.equals(problem)) {
            LOG.log(
                    Level.ERROR,
                    file + " has changed and is invalid; the previous configuration stays in effect: " + now);
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
