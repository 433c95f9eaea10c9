package io.gpuagent.agent.http;

import com.sun.net.httpserver.HttpsConfigurator;
import io.gpuagent.platform.DaemonThreads;
import io.gpuagent.platform.FileStamp;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
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
            Executors.newSingleThreadScheduledExecutor(DaemonThreads.named("web-config"));
    private volatile Loaded current;
    private String problem = "";

    /** @param stamps of the file and of the files that it refers to, taken before they were read */
    private record Loaded(WebConfig config, @Nullable Tls tls, List<FileStamp> stamps) {}

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

    /** The TLS settings; empty for a server without TLS. */
    Optional<HttpsConfigurator> tls() {
        return current.tls() == null
                ? Optional.empty()
                : Optional.of(Tls.renewed(() -> Objects.requireNonNull(current.tls())));
    }

    /** Reloads after a change. An invalid configuration is retried even without a change: a missing file may appear later. */
    private void refresh() {
        if (problem.isEmpty() && current.stamps().stream().noneMatch(FileStamp::isOutdated)) {
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
        FileStamp stamp = FileStamp.of(file);
        WebConfig config = WebConfig.read(file).checked();
        TlsSection section = config.tlsServerConfig();
        if (section == null) {
            return new Loaded(config, null, List.of(stamp));
        }
        Stream<FileStamp> named = section.files().map(directory::resolve).map(FileStamp::of);
        List<FileStamp> stamps = Stream.concat(Stream.of(stamp), named).toList();
        return new Loaded(config, section.read(directory), stamps);
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }
}
