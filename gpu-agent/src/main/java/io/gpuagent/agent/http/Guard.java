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

/** Has a web config file's headers go with every answer, and asks for a name and a password where there are users at all. */
final class Guard extends BasicAuthenticator {

    private static final String REALM = "gpu-agent";

    private static final BCrypt.Verifyer VERIFYER =
            BCrypt.verifyer(BCrypt.Version.VERSION_2Y, LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2Y));

    /** Compared with for names that nobody has, so that it does not show in time which names there are. */
    private static final String NOBODY = BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(10, new char[0]);

    private static final int MOST_REMEMBERED = 100;

    private record Login(String hash, String password) {}

    private final Supplier<WebConfig> config;

    /** A hash takes a tenth of a second, and a scraper comes with the same password each time. */
    private final Set<Login> right = ConcurrentHashMap.newKeySet();

    /** @param config what holds now; asked at each request */
    Guard(Supplier<WebConfig> config) {
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
            // The JDK's class expects a header that is well-formed.
            return new Failure(400);
        }
    }

    @Override
    public boolean checkCredentials(String name, String password) {
        String hash = config.get().users().get(name);
        Login login = new Login(hash == null ? NOBODY : hash, password);
        if (right.contains(login)) {
            return true;
        }
        if (!matches(login) || hash == null) {
            return false;
        }
        if (right.size() >= MOST_REMEMBERED) {
            right.clear();
        }
        right.add(login);
        return true;
    }

    /** One at a time: whoever tries passwords takes one core, not all. */
    private synchronized boolean matches(Login login) {
        return VERIFYER.verify(
                        login.password().getBytes(StandardCharsets.UTF_8),
                        login.hash().getBytes(StandardCharsets.UTF_8))
                .verified;
    }
}
