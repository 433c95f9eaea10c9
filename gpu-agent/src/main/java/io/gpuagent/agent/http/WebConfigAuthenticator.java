package io.gpuagent.agent.http;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpPrincipal;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Adds the headers of the web config file to every response and, if it lists users, requires basic authentication. */
final class WebConfigAuthenticator extends BasicAuthenticator {

    private static final String REALM = "gpu-agent";

    private static final BCrypt.Verifyer VERIFYER =
            BCrypt.verifyer(BCrypt.Version.VERSION_2Y, LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2Y));

    /**
     * The hash that passwords of unknown users are compared with, so that the response time does not reveal which users
     * exist.
     */
    private static final String DUMMY_HASH =
            BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(10, new char[0]);

    private static final int MAX_CACHED = 100;

    private record Login(String hash, String password) {}

    private final Supplier<WebConfig> config;

    /**
     * Caches verified logins, because a bcrypt comparison takes about 0.1 s and a scraper sends the same password each
     * time.
     */
    private final Set<Login> verified = ConcurrentHashMap.newKeySet();

    /** @param config supplies the current configuration; called for each request */
    WebConfigAuthenticator(Supplier<WebConfig> config) {
        super(REALM, StandardCharsets.UTF_8);
        this.config = config;
    }

    @Override
    public Result authenticate(HttpExchange exchange) {
        config.get().headers().forEach(exchange.getResponseHeaders()::set);
        if (config.get().users().isEmpty()) {
            return new Success(new HttpPrincipal("", REALM));
        }
        try {
            return super.authenticate(exchange);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            // BasicAuthenticator throws these exceptions for a malformed header.
            return new Failure(400);
        }
    }

    @Override
    public boolean checkCredentials(String name, String password) {
        String hash = config.get().users().get(name);
        Login login = new Login(hash == null ? DUMMY_HASH : hash, password);
        if (verified.contains(login)) {
            return true;
        }
        if (!matches(login) || hash == null) {
            return false;
        }
        if (verified.size() >= MAX_CACHED) {
            verified.clear();
        }
        verified.add(login);
        return true;
    }

    /** Synchronized, so that password guessing occupies at most one core. */
    private synchronized boolean matches(Login login) {
        return VERIFYER.verify(
                        login.password().getBytes(StandardCharsets.UTF_8),
                        login.hash().getBytes(StandardCharsets.UTF_8))
                .verified;
    }
}
