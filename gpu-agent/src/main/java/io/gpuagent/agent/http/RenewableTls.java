package io.gpuagent.agent.http;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import java.security.KeyManagementException;
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

/** TLS that each connection begins with as it is at that moment: the JDK's server takes one context, before it starts. */
final class RenewableTls extends HttpsConfigurator {

    private final Supplier<Tls> current;

    RenewableTls(Supplier<Tls> current) {
        super(new Context(current));
        this.current = current;
    }

    @Override
    public void configure(HttpsParameters connection) {
        current.get().configure(connection);
    }

    private static final class Context extends SSLContext {

        Context(Supplier<Tls> current) {
            super(
                    new Current(current),
                    current.get().getSSLContext().getProvider(),
                    current.get().getSSLContext().getProtocol());
        }
    }

    private static final class Current extends SSLContextSpi {

        private final Supplier<Tls> current;

        Current(Supplier<Tls> current) {
            this.current = current;
        }

        private SSLContext context() {
            return current.get().getSSLContext();
        }

        @Override
        protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random)
                throws KeyManagementException {
            context().init(keys, trust, random);
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
        protected SSLEngine engineCreateSSLEngine() {
            return context().createSSLEngine();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            return context().createSSLEngine(host, port);
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            return context().getServerSessionContext();
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            return context().getClientSessionContext();
        }

        @Override
        protected SSLParameters engineGetDefaultSSLParameters() {
            return context().getDefaultSSLParameters();
        }

        @Override
        protected SSLParameters engineGetSupportedSSLParameters() {
            return context().getSupportedSSLParameters();
        }
    }
}
