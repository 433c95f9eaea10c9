package io.gpuagent.agent.http;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import io.airlift.security.pem.PemReader;
import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** The server's side of TLS 1.2 and 1.3, with the certificates as they are when it is made. */
final class Tls extends HttpsConfigurator {

    private static final List<String> VERSIONS = List.of("TLS12", "TLS13");

    /** What is asked of a client; the names are those of Go's crypto/tls. */
    private enum ClientAuth {
        NoClientCert,
        RequestClientCert,
        RequireAnyClientCert,
        VerifyClientCertIfGiven,
        RequireAndVerifyClientCert;

        boolean required() {
            return this == RequireAnyClientCert || this == RequireAndVerifyClientCert;
        }

        boolean verified() {
            return this == VerifyClientCertIfGiven || this == RequireAndVerifyClientCert;
        }
    }

    private final SSLParameters parameters;

    private Tls(SSLContext context, SSLParameters parameters) {
        super(context);
        this.parameters = parameters;
    }

    /**
     * @param directory what the files of the section are relative to
     * @throws IOException if the section or one of its files cannot be used; the message says why
     */
    static Tls of(WebConfig.TlsSection section, Path directory) throws IOException {
        File certificate = file(section.certFile(), "cert_file", directory);
        File key = file(section.keyFile(), "key_file", directory);
        ClientAuth auth = clientAuth(section);
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(PemReader.loadKeyStore(certificate, key, Optional.empty()), new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust(section, auth, directory), null);
            return new Tls(context, parameters(section, auth, context));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("the certificate or its key cannot be used: " + e.getMessage(), e);
        }
    }

    @Override
    public void configure(HttpsParameters connection) {
        connection.setSSLParameters(parameters);
    }

    private static File file(@Nullable String name, String field, Path directory) throws IOException {
        if (name == null || name.isEmpty()) {
            throw new IOException("tls_server_config has no " + field);
        }
        File file = directory.resolve(name).toFile();
        if (!file.canRead()) {
            throw new IOException(field + " " + file + " cannot be read");
        }
        return file;
    }

    private static ClientAuth clientAuth(WebConfig.TlsSection section) throws IOException {
        String name = section.clientAuthType() == null ? "" : section.clientAuthType();
        ClientAuth auth = Stream.of(ClientAuth.values())
                .filter(value -> value.name().equals(name) || name.isEmpty() && value == ClientAuth.NoClientCert)
                .findFirst()
                .orElseThrow(() -> new IOException("Invalid ClientAuth: " + name));
        if (section.clientCaFile() != null && auth == ClientAuth.NoClientCert) {
            throw new IOException("Client CA's have been configured without a Client Auth Policy");
        }
        return auth;
    }

    private static TrustManager @Nullable [] trust(WebConfig.TlsSection section, ClientAuth auth, Path directory)
            throws IOException, GeneralSecurityException {
        if (!auth.verified()) {
            return new TrustManager[] {new Anybody()};
        }
        if (section.clientCaFile() == null) {
            return null;
        }
        KeyStore authorities = PemReader.loadTrustStore(file(section.clientCaFile(), "client_ca_file", directory));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(authorities);
        return trust.getTrustManagers();
    }

    private static SSLParameters parameters(WebConfig.TlsSection section, ClientAuth auth, SSLContext context)
            throws IOException {
        SSLParameters parameters = context.getDefaultSSLParameters();
        parameters.setProtocols(protocols(section));
        parameters.setUseCipherSuitesOrder(!Boolean.FALSE.equals(section.preferServerCipherSuites()));
        if (section.cipherSuites() != null && !section.cipherSuites().isEmpty()) {
            parameters.setCipherSuites(cipherSuites(section.cipherSuites(), context));
        }
        if (auth.required()) {
            parameters.setNeedClientAuth(true);
        } else {
            parameters.setWantClientAuth(auth != ClientAuth.NoClientCert);
        }
        return parameters;
    }

    private static String[] protocols(WebConfig.TlsSection section) throws IOException {
        int lowest = version(section.minVersion(), "min_version", 0);
        int highest = version(section.maxVersion(), "max_version", VERSIONS.size() - 1);
        if (lowest > highest) {
            throw new IOException("min_version is above max_version");
        }
        return VERSIONS.subList(lowest, highest + 1).stream()
                .map(name -> name.replace("TLS1", "TLSv1."))
                .toArray(String[]::new);
    }

    private static int version(@Nullable String name, String field, int usual) throws IOException {
        if (name == null || name.isEmpty()) {
            return usual;
        }
        if (!VERSIONS.contains(name)) {
            throw new IOException(field + " " + name + " is not one of " + VERSIONS);
        }
        return VERSIONS.indexOf(name);
    }

    /** Of TLS 1.2 those that were chosen; those of TLS 1.3 cannot be chosen, as in Go. */
    private static String[] cipherSuites(List<String> chosen, SSLContext context) throws IOException {
        List<String> supported =
                Arrays.asList(context.getSupportedSSLParameters().getCipherSuites());
        for (String suite : chosen) {
            if (!supported.contains(suite)) {
                throw new IOException("unknown cipher: " + suite);
            }
        }
        List<String> suites = new ArrayList<>(chosen);
        supported.stream()
                .filter(suite -> suite.startsWith("TLS_AES_") || suite.startsWith("TLS_CHACHA20_"))
                .forEach(suites::add);
        return suites.toArray(String[]::new);
    }

    /** For clients whose certificate is asked for and not looked at. */
    private static final class Anybody extends X509ExtendedTrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
