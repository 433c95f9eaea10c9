package io.gpuagent.agent.cli;

import java.net.URI;
import java.net.URISyntaxException;

/** Where to ask for the names of containers. */
public sealed interface DockerHost {

    /** Where the environment says, else the well-known places. */
    record Auto() implements DockerHost {}

    /** Nowhere. */
    record Off() implements DockerHost {}

    /** One daemon: {@code unix:///path} or {@code tcp://host:port}. */
    record At(URI uri) implements DockerHost {}

    /** Reads {@code auto}, {@code off}, {@code unix:///path} or {@code tcp://host:port}. */
    static DockerHost parse(String text) {
        return switch (text) {
            case "auto" -> new Auto();
            case "off" -> new Off();
            default -> new At(uri(text));
        };
    }

    private static URI uri(String text) {
        try {
            URI uri = new URI(text);
            if (isSocket(uri) || isServer(uri)) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Said below, as for every other text that is no address of a daemon.
        }
        throw new IllegalArgumentException("is not auto, off, unix:///PATH or tcp://HOST:PORT");
    }

    private static boolean isSocket(URI uri) {
        return "unix".equals(uri.getScheme())
                && uri.getRawAuthority() == null
                && uri.getPath() != null
                && uri.getPath().length() > 1
                && uri.getRawQuery() == null
                && uri.getRawFragment() == null;
    }

    private static boolean isServer(URI uri) {
        return "tcp".equals(uri.getScheme())
                && uri.getHost() != null
                && uri.getPort() <= 65_535
                && uri.getRawUserInfo() == null
                && uri.getPath().isEmpty()
                && uri.getRawQuery() == null
                && uri.getRawFragment() == null;
    }
}
