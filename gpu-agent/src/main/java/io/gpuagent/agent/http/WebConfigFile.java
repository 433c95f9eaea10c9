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
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(AgentServer.daemons("web-config-"));
    private volatile WebConfig config;
    private volatile @Nullable Tls tls;
    private volatile List<FileTime> times;

    private WebConfigFile(Path file) throws IOException {
        this.file = file;
        this.config = WebConfig.read(file);
        this.tls = tlsOf(config);
        this.times = times();
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
        return config;
    }

    /** Empty for a server without TLS. */
    Optional<HttpsConfigurator> tls() {
        return tls == null ? Optional.empty() : Optional.of(new RenewableTls(() -> Objects.requireNonNull(tls)));
    }

    private void refresh() {
        List<FileTime> now = times();
        if (now.equals(times)) {
            return;
        }
        times = now;
        try {
            WebConfig changed = WebConfig.read(file);
            Tls renewed = tlsOf(changed);
            if ((renewed == null) != (tls == null)) {
                throw new IOException("TLS is switched on or off by a new start only");
            }
            config = changed;
            tls = renewed;
            LOG.log(Level.INFO, file + " was read again");
        } catch (IOException | RuntimeException e) {
            LOG.log(
                    Level.ERROR,
                    file + " has changed and cannot be used, what was there before stays: " + e.getMessage());
        }
    }

    private @Nullable Tls tlsOf(WebConfig read) throws IOException {
        WebConfig.TlsSection section = read.tlsServerConfig();
        return section == null ? null : Tls.of(section, directory());
    }

    private Path directory() {
        return Objects.requireNonNull(file.toAbsolutePath().getParent());
    }

    private List<FileTime> times() {
        return Stream.concat(Stream.of(file), config.files().map(directory()::resolve))
                .map(WebConfigFile::changed)
                .toList();
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
