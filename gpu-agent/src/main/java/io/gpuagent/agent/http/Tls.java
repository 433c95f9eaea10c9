package io.gpuagent.agent.http;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import java.security.SecureRandom;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/** The server's TLS configuration, valid until one of its files changes. */
record Tls(SSLContext context, SSLParameters parameters) {

    /**
     * Returns a configurator that applies the current configuration to each new connection. The JDK's server accepts only one SSL context,
     * before it starts, so this context delegates to the current one.
     */
    static HttpsConfigurator renewed(Supplier<Tls> current) {
        return new HttpsConfigurator(new Renewed(current)) {
            @Override
            public void configure(HttpsParameters connection) {
                connection.setSSLParameters(current.get().parameters());
            }
        };
    }

    private static final class Renewed extends SSLContext {

        Renewed(Supplier<Tls> current) {
            super(
                    new Current(current),
                    current.get().context().getProvider(),
                    current.get().context().getProtocol());
        }
    }

    private static final class Current extends SSLContextSpi {

        private final Supplier<Tls> current;

        Current(Supplier<Tls> current) {
            this.current = current;
        }

        private SSLContext context() {
            return current.get().context();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            return context().createSSLEngine();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            return context().createSSLEngine(host, port);
        }

        @Override
        protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            return context().getSocketFactory();
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            return context().getServerSocketFactory();
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            return context().getServerSessionContext();
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            return context().getClientSessionContext();
        }
    }
}
