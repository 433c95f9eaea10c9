package io.gpuagent.agent.cli;

import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address that the server listens on.
 *
 * @param host a host name or an IP address, IPv6 without brackets; empty for all interfaces
 * @param port 0 for any free port
 */
public record ListenAddress(String host, int port) {

    private static final Pattern FORM = Pattern.compile("(?:\\[([0-9A-Fa-f:.]+(?:%[\\w.-]+)?)]|([\\w.-]*)):(\\d{1,5})");
    private static final int HIGHEST_PORT = 65_535;

    /** Reads {@code :9900}, {@code 127.0.0.1:9900}, {@code localhost:9900} or {@code [::1]:9900}. */
    static ListenAddress parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("is not an address such as :9900, 127.0.0.1:9900 or [::1]:9900");
        }
        int port = Integer.parseInt(matcher.group(3));
        if (port > HIGHEST_PORT) {
            throw new IllegalArgumentException("has a port over " + HIGHEST_PORT);
        }
        return new ListenAddress(matcher.group(1) != null ? matcher.group(1) : matcher.group(2), port);
    }

    /** The address to bind. Resolves a host name; the result is unresolved if there is no such host. */
    public InetSocketAddress toSocketAddress() {
        return host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
